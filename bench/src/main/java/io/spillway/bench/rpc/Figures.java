package io.spillway.bench.rpc;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one process says of its calls; the names are those of interop/psrpc-peer.
 *
 * @param cpuPerCall µs of the calling process, over all its threads
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Figures(
    @JsonProperty("ok") long ok,
    @JsonProperty("failed") long failed,
    @JsonProperty("per_second") double perSecond,
    @JsonProperty("p50_us") long p50Micros,
    @JsonProperty("p99_us") long p99Micros,
    @JsonProperty("cpu_us_per_call") double cpuPerCall) {
  /** Of nobody. */
  static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** From a line of JSON. */
  static Figures read(String line) {
    return JSON.readValue(line, Figures.class);
  }

  /** As such a line. */
  String line() {
    return JSON.writeValueAsString(this);
  }

  /** The round in the middle, by calls per second; failed calls of all rounds. */
  static Figures median(List<Figures> rounds) {
    List<Figures> sorted =
        rounds.stream().sorted(Comparator.comparingDouble(Figures::perSecond)).toList();
    Figures middle = sorted.get(sorted.size() / 2);
    long failed = rounds.stream().mapToLong(Figures::failed).sum();
    return new Figures(
        middle.ok, failed, middle.perSecond, middle.p50Micros, middle.p99Micros, middle.cpuPerCall);
  }

  String row(int callers, String who) {
    return String.format(
        Locale.ROOT,
        "%7d  %-4s  %8.0f  %7.2f ms  %7.2f ms  %6.0f us  %6d",
        callers,
        who,
        perSecond,
        p50Micros / 1e3,
        p99Micros / 1e3,
        cpuPerCall,
        failed);
  }
}
