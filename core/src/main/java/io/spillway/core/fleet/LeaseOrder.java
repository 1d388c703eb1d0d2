package io.spillway.core.fleet;

/** What a controller tells a node in the answer to its lease. */
public sealed interface LeaseOrder {
  /** Make the RPC half anew: the controllers don't hear the node on it. Recordings go on. */
  record RebuildRpc(String reason) implements LeaseOrder {}

  /** Take no more starts; recordings go on to their end. */
  record Drain(String reason) implements LeaseOrder {}

  /**
   * Take up signalling again in every room: livekit-server may be deaf on it though the connection
   * looks well. Recordings go on.
   */
  record RefreshSignalling(String reason) implements LeaseOrder {}

  /**
   * Stop recording an egress that another node has.
   *
   * @param newestEpoch which is later than the node's own
   */
  record Fence(String egressId, int newestEpoch, String reason) implements LeaseOrder {}
}
