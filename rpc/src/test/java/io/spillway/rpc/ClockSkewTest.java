package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClockSkewTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 1_700_000_000L * SECOND;
  private final ClockSkew skew = new ClockSkew(2, Duration.ofSeconds(60));

  @Test
  void oneLateMessageIsNoWrongClock() {
    skew.observe("a", NOW - 1_000, NOW);
    skew.observe("a", NOW - 5 * SECOND, NOW);
    assertThat(skew.complaint(Duration.ofSeconds(2))).isEmpty();
  }

  @Test
  void aClockThirtySecondsOffIsNamedEitherWay() {
    skew.observe("a", NOW - 30 * SECOND, NOW);
    assertThat(skew.complaint(Duration.ofSeconds(2)))
        .contains("the clock of a is 30000 ms behind ours");
    skew.observe("b", NOW + 31 * SECOND, NOW);
    assertThat(skew.complaint(Duration.ofSeconds(2)))
        .contains("the clock of b is 31000 ms ahead of ours");
  }

  @Test
  void aPeerThatLeftIsForgottenAMinuteAfterItsLastMessageAndNoSooner() {
    skew.observe("left", NOW + 30 * SECOND, NOW);
    skew.observe("left", NOW + 60 * SECOND, NOW + 30 * SECOND);
    skew.forgetSilent(NOW + 90 * SECOND);
    assertThat(skew.complaint(Duration.ofSeconds(2))).isPresent();
    skew.forgetSilent(NOW + 91 * SECOND);
    assertThat(skew.worst()).isEmpty();
  }

  @Test
  void aMendedClockIsBelievedAfterTheWindowAndPeersStayBounded() {
    skew.observe("a", NOW + 30 * SECOND, NOW);
    skew.observe("a", NOW + 61 * SECOND, NOW + 61 * SECOND);
    assertThat(skew.complaint(Duration.ofSeconds(2))).isEmpty();
    skew.observe("b", NOW, NOW);
    skew.observe("c", NOW + 90 * SECOND, NOW + 61 * SECOND); // b is old: c takes its place
    assertThat(skew.worst().orElseThrow().peer()).isEqualTo("c");
    skew.observe("d", NOW - 900 * SECOND, NOW + 61 * SECOND); // no room
    assertThat(skew.worst().orElseThrow().peer()).isEqualTo("c");
  }
}
