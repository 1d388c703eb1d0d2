package io.spillway.bench.meter;

/**
 * What a node counts of its packets, from its {@code /metrics}.
 *
 * @param framesNotWritten lost behind the network: the disk was too slow
 * @param heapBytes in use now, garbage included
 */
public record NodeCounters(
    long expected,
    long received,
    long lost,
    long recovered,
    long framesDropped,
    long framesNotWritten,
    long heapBytes) {
  /** Reads Prometheus' text format. */
  public static NodeCounters parse(String metrics) {
    return new NodeCounters(
        value(metrics, "spillway_media_packets_expected_total"),
        value(metrics, "spillway_media_packets_received_total"),
        value(metrics, "spillway_media_packets_lost_total"),
        value(metrics, "spillway_media_packets_recovered_total"),
        value(metrics, "spillway_media_frames_dropped_total"),
        value(metrics, "spillway_media_frames_not_written_total"),
        value(metrics, "jvm_memory_used_bytes{area=\"heap\"}"));
  }

  private static long value(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1).strip())
        .mapToLong(number -> Math.round(Double.parseDouble(number)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the node's /metrics lacks " + name));
  }

  /** What was counted since {@code earlier}; the heap is that of now. */
  public NodeCounters since(NodeCounters earlier) {
    return new NodeCounters(
        expected - earlier.expected,
        received - earlier.received,
        lost - earlier.lost,
        recovered - earlier.recovered,
        framesDropped - earlier.framesDropped,
        framesNotWritten - earlier.framesNotWritten,
        heapBytes);
  }
}
