package io.spillway.rtc.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BatchPauseTest {
  private static final long MILLISECOND = 1_000_000;

  @Test
  void aSingleTrackIsServedAtOnce() {
    BatchPause pause = new BatchPause(0);
    for (long ms = 0; ms < 10_000; ms += 20) {
      assertThat(pause.afterTurn(1, ms * MILLISECOND)).isZero();
    }
  }

  @Test
  void manyTracksShareAWakeUpUntilTheyAreGone() {
    BatchPause pause = new BatchPause(0);
    long rest = 0;
    for (long ms = 0; ms < 200; ms++) {
      rest = pause.afterTurn(10, ms * MILLISECOND);
    }
    assertThat(rest).isEqualTo(BatchPause.REST_NANOS);
    assertThat(pause.afterTurn(0, 200 * MILLISECOND)).as("nothing came").isZero();
    for (long ms = 200; ms < 400; ms += 20) {
      rest = pause.afterTurn(1, ms * MILLISECOND);
    }
    assertThat(rest).isZero();
  }
}
