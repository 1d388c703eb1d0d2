package io.spillway.bench.storm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A client that has to come through the storm: makes calls of IOInfo.UpdateEgress as told. */
interface StormClient extends AutoCloseable {
  /** The time-out of each call. */
  Duration TIMEOUT = Duration.ofMillis(1_500);

  String label();

  /** Makes these calls and says what became of them; empty when it never came back. */
  Optional<Result> run(Load load) throws InterruptedException;

  /** Whether {@link #stop} does anything; else a load under way has to be waited for. */
  boolean canStop();

  /**
   * Lets no further call of the load under way begin; another load may run at once, beside the
   * calls that have begun.
   */
  void stop();

  @Override
  void close();

  /**
   * Calls to make.
   *
   * @param each calls of each caller, one after the other
   * @param lateEach each so-manieth is one that the peer answers too late, 0: none
   * @param pause of a caller after each call
   */
  record Load(int callers, int each, int lateEach, Duration pause) {
    int answeredInTime() {
      return callers * (lateEach == 0 ? each : each - each / lateEach);
    }
  }

  /**
   * What became of a load's calls; the names are those of interop/psrpc-peer.
   *
   * @param late calls that the peer answered too late: they may fail
   * @param failedNames egress ids of the calls that failed
   */
  record Result(
      @JsonProperty("ok") int ok,
      @JsonProperty("failed") int failed,
      @JsonProperty("late") int late,
      @JsonProperty("longest_ms") long longestMillis,
      @JsonProperty("failed_names") List<String> failedNames) {
    /** Copies the names. */
    public Result {
      failedNames = List.copyOf(failedNames);
    }
  }
}
