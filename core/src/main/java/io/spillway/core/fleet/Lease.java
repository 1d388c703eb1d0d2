package io.spillway.core.fleet;

import java.time.Duration;
import java.util.List;

/**
 * What a node says about itself, every two seconds and whenever something important changes.
 *
 * @param nodeId new at each start of a node, so that a lease of an earlier life is never mistaken
 * @param number rises with each lease of one node, from 1: an older one that comes late is ignored
 * @param region where the node runs; empty when it wasn't told
 * @param cluster LiveKit's {@code cluster_id}; empty by default
 * @param version of the node's program
 * @param load as measured by the node, reservations included
 * @param limits that the operator allows it
 * @param cost what one more egress is expected to need
 * @param draining it takes no more starts
 * @param oldestStatus how long the oldest status waits that nobody acknowledged; zero for none
 * @param egresses that it records
 * @param sentAtUnixNanos by the node's wall clock: for people, never for ages
 * @param place where its process is
 */
public record Lease(
    String nodeId,
    long number,
    String region,
    String cluster,
    String version,
    Admission.Load load,
    Admission.Limits limits,
    Admission.Cost cost,
    boolean draining,
    Duration oldestStatus,
    List<Held> egresses,
    long sentAtUnixNanos,
    Place place) {
  /** Checks identity and copies the list. */
  public Lease {
    if (nodeId.isEmpty() || number < 1) {
      throw new IllegalArgumentException(
          "a lease needs a node id and a number >= 1, was '%s', %d".formatted(nodeId, number));
    }
    egresses = List.copyOf(egresses);
  }

  /** A lease of a node that doesn't say where it is. */
  public Lease(
      String nodeId,
      long number,
      String region,
      String cluster,
      String version,
      Admission.Load load,
      Admission.Limits limits,
      Admission.Cost cost,
      boolean draining,
      Duration oldestStatus,
      List<Held> egresses,
      long sentAtUnixNanos) {
    this(
        nodeId,
        number,
        region,
        cluster,
        version,
        load,
        limits,
        cost,
        draining,
        oldestStatus,
        egresses,
        sentAtUnixNanos,
        Place.UNKNOWN);
  }

  /** The same of a node that is there. */
  public Lease at(Place there) {
    return with(draining, there);
  }

  /** The same of a node that takes no more starts and is about to end. */
  public Lease leaving() {
    return with(true, place);
  }

  private Lease with(boolean drains, Place where) {
    return new Lease(
        nodeId,
        number,
        region,
        cluster,
        version,
        load,
        limits,
        cost,
        drains,
        oldestStatus,
        egresses,
        sentAtUnixNanos,
        where);
  }

  /**
   * An egress that a node has.
   *
   * @param epoch under which it records, from 1; 0 while it takes up what an earlier life left
   * @param bytes written to its outputs
   * @param mediaNanos how much media is written, on the recording's own time line
   */
  public record Held(String egressId, int epoch, long bytes, long mediaNanos) {}
}
