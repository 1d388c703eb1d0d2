package io.spillway.bench.tracks;

import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.bench.meter.Meter;
import io.spillway.bench.meter.Quantiles;
import io.spillway.bench.meter.Usage;
import io.spillway.protocol.livekit.EgressInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long starts take on a warm node, one at a time, in milliseconds from just before the API
 * request.
 *
 * @param active until the stored status was ACTIVE
 * @param firstFrame until the first frame that is in the file had come; for pictures a key frame
 */
record Starts(Kind kind, Quantiles active, Quantiles firstFrame, Usage usage) {
  /** A picture is recorded so long, so that the key frame which was asked for is in the file. */
  private static final Duration HOLD_VIDEO = Duration.ofSeconds(1);

  /** Between the end of one and the start of the next. */
  private static final Duration REST = Duration.ofMillis(20);

  static Starts measure(Terminal terminal, Recordings recordings, Kind kind, int count)
      throws InterruptedException {
    List<Double> active = new ArrayList<>();
    List<Double> firstFrame = new ArrayList<>();
    Meter.Reading before = recordings.stage().meter().read();
    for (int i = 0; i < count; i++) {
      long askedNanos = terminal.time().nanos();
      long askedUnixNanos = terminal.time().unixNanos();
      String egress = recordings.start(kind);
      recordings.awaitActive(egress);
      active.add(millis(terminal.time().nanos() - askedNanos));
      if (kind == Kind.VIDEO) {
        terminal.pause(HOLD_VIDEO);
      }
      EgressInfo ended = recordings.stop(egress);
      if (ended.getFileResultsCount() == 0) {
        throw new OutcomeException(egress + " recorded nothing: " + ended.getError());
      }
      // The file's first moment is the arrival of its first frame, by this machine's own clock.
      firstFrame.add(millis(ended.getFileResults(0).getStartedAt() - askedUnixNanos));
      terminal.pause(REST);
    }
    Usage usage = Usage.between(before, recordings.stage().meter().read());
    return new Starts(kind, Quantiles.of(active), Quantiles.of(firstFrame), usage);
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }
}
