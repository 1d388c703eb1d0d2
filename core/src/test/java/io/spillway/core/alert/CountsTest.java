package io.spillway.core.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class CountsTest {
  private static final long SECOND = 1_000_000_000L;
  private final Counts counts = new Counts();

  @Test
  void aWindowHoldsWhatIsYoungEnough() {
    long now = 50_000 * SECOND;
    counts.add(now, now, true);
    counts.add(now - 30 * SECOND, now, false);
    counts.add(now - 3 * 3600 * SECOND, now, false);

    assertThat(counts.within(Duration.ofSeconds(15), now)).isEqualTo(new Tally(1, 0));
    assertThat(counts.within(Duration.ofMinutes(1), now)).isEqualTo(new Tally(1, 1));
    assertThat(counts.within(Counts.LONGEST, now)).isEqualTo(new Tally(1, 2));
    assertThat(counts.between(Duration.ofMinutes(1), Duration.ofSeconds(20), now))
        .isEqualTo(new Tally(0, 1));
  }

  @Test
  void oldEventsGiveTheirPlaceToNewOnes() {
    long now = 50_000 * SECOND;
    counts.add(now, now, false);
    long later = now + Counts.LONGEST.toNanos() + 20 * SECOND;
    counts.add(now, later, false); // too old by now
    counts.add(later + 60 * SECOND, later, false); // of the future

    assertThat(counts.within(Counts.LONGEST, later)).isEqualTo(new Tally(0, 0));
  }

  @Test
  void aClockThatBeganBelowZeroIsFine() {
    long now = -7 * SECOND;
    counts.add(now - 3 * SECOND, now, true);

    assertThat(counts.within(Duration.ofSeconds(15), now)).isEqualTo(new Tally(1, 0));
  }

  @Test
  void percentilesAreNearestRank() {
    Latencies latencies = new Latencies();
    for (int i = 1; i <= 100; i++) {
      latencies.add(0, Duration.ofMillis(i));
    }

    assertThat(latencies.percentile(0.5, Duration.ofMinutes(1), 0)).hasValue(0.05);
    assertThat(latencies.percentile(0.99, Duration.ofMinutes(1), 0)).hasValue(0.099);
    assertThat(latencies.percentile(0.5, Duration.ofMinutes(1), 61 * SECOND)).isEmpty();
  }
}
