package io.spillway.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "1h30m, PT1H30M",
    "90s, PT1M30S",
    "1.5s, PT1.5S",
    "500ms, PT0.5S",
    "250us, PT0.00025S",
    "1000000000, PT1S",
    "0, PT0S",
  })
  void durationsAreReadAsGoWritesThem(String text, Duration expected) {
    assertThat(Units.duration(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "1x", "1h 30m", "-1s", "1h30", "99999999999999999999h", "1..5s"})
  void whatIsNoDurationIsNone(String text) {
    assertThat(Units.duration(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"17, 17", "1kB, 1000", "2 MB, 2000000", "1.5GiB, 1610612736", "1tib, 1099511627776"})
  void sizesAreReadWithTheirUnits(String text, long expected) {
    assertThat(Units.bytes(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GB", "1 mile", "-5", "99999999999999TB"})
  void whatIsNoSizeIsNone(String text) {
    assertThat(Units.bytes(text)).isEmpty();
  }
}
