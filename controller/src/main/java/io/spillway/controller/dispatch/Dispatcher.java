package io.spillway.controller.dispatch;

import io.spillway.core.time.Deadline;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.rpc.StartEgressRequest;

/** Finds a node for an egress and gives it the request. Thread-safe. */
public interface Dispatcher {
  /**
   * Returns when a node has taken the egress, with the node's EgressInfo; by the deadline.
   *
   * @param trace what the request is known by; the dispatcher adds the node when it knows it
   * @throws io.spillway.rpc.RpcException with the node's code and text, or why there was no node
   */
  EgressInfo dispatch(StartEgressRequest request, Trace trace, Deadline deadline);
}
