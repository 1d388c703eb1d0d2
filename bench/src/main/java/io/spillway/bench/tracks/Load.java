package io.spillway.bench.tracks;

import io.spillway.bench.meter.NodeCounters;
import io.spillway.bench.meter.Usage;

/**
 * What a number of recordings at once cost.
 *
 * @param tracks recordings at once
 * @param allActiveSeconds from the first request until all stored statuses were ACTIVE
 * @param usage while all of them recorded
 * @param window packets of that time
 * @param whole packets from the first start to the last end
 */
record Load(
    Kind kind,
    int tracks,
    double allActiveSeconds,
    Usage usage,
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
    return Math.max(whole.lost(), whole.expected() - whole.received())
        + whole.framesDropped()
        + whole.framesNotWritten();
  }
}
