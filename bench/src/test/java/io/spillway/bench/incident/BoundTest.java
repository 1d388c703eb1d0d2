package io.spillway.bench.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BoundTest {
  @Test
  void noneSeenIsTheRuleOfThree() {
    assertThat(Bound.upper95(0, 2000)).isCloseTo(3.0 / 2000, within(0.00001));
    assertThat(Bound.upper95(0, 60)).isCloseTo(1 - Math.pow(0.05, 1.0 / 60), within(1e-9));
  }

  @Test
  void someSeenIsClopperAndPearson() {
    // the 95 % point of Beta(k + 1, n - k)
    assertThat(Bound.upper95(1, 100)).isCloseTo(0.046560, within(0.00001));
    assertThat(Bound.upper95(45, 2000)).isCloseTo(0.028756, within(0.00001));
    assertThat(Bound.upper95(7, 7)).isEqualTo(1);
  }
}
