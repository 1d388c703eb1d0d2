package io.spillway.app.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as people and Go write them. */
public final class Units {
  private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([a-z]*)");
  private static final Map<String, Long> UNIT_NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);
  private static final Map<String, Long> UNIT_BYTES =
      Map.of(
          "", 1L,
          "b", 1L,
          "kb", 1_000L,
          "mb", 1_000_000L,
          "gb", 1_000_000_000L,
          "tb", 1_000_000_000_000L,
          "kib", 1L << 10,
          "mib", 1L << 20,
          "gib", 1L << 30,
          "tib", 1L << 40);

  private Units() {}

  /**
   * A duration in Go's notation ({@code 1h30m}, {@code 1.5s}, {@code 500ms}); a bare whole number
   * is nanoseconds, as Go's YAML reads it. Empty when it is none, or longer than 292 years.
   */
  public static Optional<Duration> duration(String text) {
    try {
      if (text.matches("[0-9]+")) {
        return Optional.of(Duration.ofNanos(Long.parseLong(text)));
      }
      Matcher parts = PART.matcher(text);
      BigDecimal nanos = BigDecimal.ZERO;
      int end = 0;
      while (parts.find() && parts.start() == end) {
        long unit = UNIT_NANOS.getOrDefault(parts.group(2), 0L);
        nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit)));
        end = parts.end();
      }
      boolean whole = end > 0 && end == text.length();
      return whole
          ? Optional.of(Duration.ofNanos(nanos.toBigInteger().longValueExact()))
          : Optional.empty();
    } catch (ArithmeticException | NumberFormatException tooLong) {
      return Optional.empty();
    }
  }

  /** A size: bytes, or with kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024). */
  public static Optional<Long> bytes(String text) {
    Matcher match = SIZE.matcher(text.trim().toLowerCase(Locale.ROOT));
    Long unit = match.matches() ? UNIT_BYTES.get(match.group(2)) : null;
    if (unit == null) {
      return Optional.empty();
    }
    try {
      BigDecimal bytes = new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(unit));
      return Optional.of(bytes.toBigInteger().longValueExact());
    } catch (ArithmeticException tooMany) {
      return Optional.empty();
    }
  }
}
