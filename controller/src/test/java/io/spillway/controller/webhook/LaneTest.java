package io.spillway.controller.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.Target;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LaneTest {
  private final Lane lane = new Lane(4, Lane.PROBES);
  private final Random random = new Random(1);

  private static Delivery.Key key(int number) {
    return new Delivery.Key("EV_" + number, new Target("http://a", "key"));
  }

  private void fail(int number, long nowNanos) {
    assertThat(lane.begin(key(number))).isTrue();
    lane.failed(key(number), nowNanos, random);
  }

  @Test
  void anAddressThatTakesGetsAsManyAsTheLimit() {
    assertThat(lane.room(0)).isEqualTo(4);
    assertThat(lane.begin(key(1))).isTrue();
    assertThat(lane.begin(key(1))).as("the same one twice").isFalse();
    assertThat(lane.room(0)).isEqualTo(3);
    assertThat(lane.taken(key(1))).as("was in doubt").isFalse();
    assertThat(lane.room(0)).isEqualTo(4);
  }

  @Test
  void oneThatFailsSeveralInARowIsProbedByOneAtATimeAndLessAndLessOften() {
    fail(1, 0);
    fail(2, 0);
    assertThat(lane.room(0)).isEqualTo(4);
    fail(3, 0);
    assertThat(lane.isDoubted()).isTrue();
    assertThat(lane.room(0)).isZero();
    assertThat(lane.room(1_000_000_000L)).isEqualTo(1);
    assertThat(lane.begin(key(4))).isTrue();
    assertThat(lane.room(100_000_000_000L)).as("one is under way").isZero();
    lane.failed(key(4), 0, random);
    assertThat(lane.room(999_999_999L)).isZero();
    assertThat(lane.room(2_000_000_000L)).isEqualTo(1);
    for (int i = 5; i < 30; i++) {
      fail(i, 0);
    }
    assertThat(lane.room(30_000_000_000L)).as("at least every 30 s").isEqualTo(1);
  }

  @Test
  void oneThatAnswersAgainIsTrustedAtOnce() {
    fail(1, 0);
    fail(2, 0);
    fail(3, 0);
    assertThat(lane.begin(key(4))).isTrue();
    assertThat(lane.taken(key(4))).as("was in doubt").isTrue();
    assertThat(lane.room(0)).isEqualTo(4);
  }

  @Test
  void failuresThatAreNotInARowRaiseNoDoubt() {
    for (int i = 0; i < 10; i++) {
      fail(2 * i, 0);
      assertThat(lane.begin(key(2 * i + 1))).isTrue();
      assertThat(lane.taken(key(2 * i + 1))).isFalse();
    }
    assertThat(lane.isDoubted()).isFalse();
  }
}
