package io.spillway.rpc.interop;

import com.google.protobuf.StringValue;
import io.spillway.rpc.RpcMethod;

/** The test service of interop/psrpc-peer: a method of each kind. */
final class PeerMethods {
  static final String SERVICE = "Peer";
  static final RpcMethod<StringValue, StringValue> QUEUE =
      method("Queue", true, true, false, false);
  static final RpcMethod<StringValue, StringValue> BEST = method("Best", true, false, true, false);
  static final RpcMethod<StringValue, StringValue> FIRST =
      method("First", true, false, false, false);
  static final RpcMethod<StringValue, StringValue> BARE = method("Bare", false, true, false, false);
  static final RpcMethod<StringValue, StringValue> ALL = method("All", false, false, false, true);

  private PeerMethods() {}

  private static RpcMethod<StringValue, StringValue> method(
      String name, boolean claims, boolean queue, boolean affinity, boolean multi) {
    return new RpcMethod<>(
        SERVICE, name, claims, queue, affinity, multi, StringValue.parser(), StringValue.parser());
  }
}
