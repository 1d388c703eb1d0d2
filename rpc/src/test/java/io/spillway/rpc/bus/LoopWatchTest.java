package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoopWatchTest {
  private static LoopWatch sent(LoopWatch watch, int times) {
    LoopWatch now = watch;
    for (int i = 0; i < times; i++) {
      now = now.sent();
    }
    return now;
  }

  @Test
  void fourMessagesThatStayAwayAreADeafBusAndThreeAreNot() {
    assertThat(sent(LoopWatch.fresh(), 3).isDeaf()).isFalse();
    assertThat(sent(LoopWatch.fresh(), 4).isDeaf()).isTrue();
  }

  @Test
  void oneThatComesBackMakesUpForAllBeforeIt() {
    assertThat(sent(sent(LoopWatch.fresh(), 3).heard(), 3).isDeaf()).isFalse();
    assertThat(sent(LoopWatch.fresh(), 7).heard().isDeaf()).isFalse();
  }

  @Test
  void whereNothingWasSentNothingIsMissing() {
    assertThat(LoopWatch.fresh().isDeaf()).isFalse();
    assertThat(LoopWatch.fresh().heard()).isEqualTo(LoopWatch.fresh());
  }
}
