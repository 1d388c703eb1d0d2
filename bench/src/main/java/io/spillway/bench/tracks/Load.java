package io.spillway.bench.tracks;

import io.spillway.bench.meter.NodeCounters;
import io.spillway.bench.meter.Usage;

/**
 * What a number of recordings at once cost.
 *
 * @param tracks recordings at once
 * @param allActiveSeconds from the first request until all stored statuses were ACTIVE
 * @param usage while all of them recorded
 * @param starting packets from the first start until the window begins
 * @param window packets of that time
 * @param whole packets from the first start to the last end
 */
record Load(
    Kind kind,
    int tracks,
    double allActiveSeconds,
    Usage usage,
    NodeCounters starting,
    NodeCounters window,
    NodeCounters whole) {
  double cpuSecondsPerTrackMinute() {
    return usage.cpuSecondsPerTrackMinute(tracks);
  }

  /** The node's CPU time of any kind, divided by its RTP packets. */
  double microsPerPacket() {
    return usage.cpuSeconds() * 1e6 / Math.max(1, window.received());
  }

  /** Packets of which no bit is in the files, and frames that were let go behind them. */
  long missing() {
    long never = Math.max(whole.lost(), whole.expected() - whole.received());
    return never + droppedFrames(whole);
  }

  /** Where they were lost: while recordings started, while all ran, while they ended. */
  String missingByPhase() {
    // expected and received are read one after the other: while packets come only lost is exact.
    long first = starting.lost() + droppedFrames(starting);
    long running = window.lost() + droppedFrames(window);
    return first + " + " + running + " + " + (missing() - first - running);
  }

  private static long droppedFrames(NodeCounters of) {
    return of.framesDropped() + of.framesNotWritten();
  }
}
