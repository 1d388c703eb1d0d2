package io.spillway.rpc.client;

import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.RpcCode;

/**
 * A call under way, as the bus's reader and the timer see it. None of these block or keep more than
 * the call's own few fields. Thread-safe.
 */
sealed interface PendingCall permits UnaryCall, MultiCall {
  /** The session whose channels its answers come to. */
  ClientSession session();

  /** A server's bid. */
  void claimed(ClaimRequest claim);

  /** A server's answer. */
  void answered(Response response);

  /** Does what has fallen due and says when to come again. */
  long sweep(long nowNanos);

  /** Ends it. */
  void cut(RpcCode code, String text);
}
