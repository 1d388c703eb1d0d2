package io.spillway.bench.meter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {
  @Test
  void ofAHundredValuesThe99thIsTheSecondLargest() {
    List<Double> values =
        new java.util.ArrayList<>(
            IntStream.rangeClosed(1, 100).mapToObj(value -> (double) value).toList());
    Collections.shuffle(values, new Random(7));

    assertThat(Quantiles.of(values)).isEqualTo(new Quantiles(100, 1, 50, 90, 99, 100));
  }

  @Test
  void ofFewValuesThe99thIsTheLargest() {
    assertThat(Quantiles.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Quantiles(3, 1, 2, 3, 3, 3));
  }
}
