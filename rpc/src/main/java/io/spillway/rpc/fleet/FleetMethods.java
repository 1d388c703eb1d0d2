package io.spillway.rpc.fleet;

import io.spillway.protocol.fleet.CanaryAnswer;
import io.spillway.protocol.fleet.CanaryRequest;
import io.spillway.protocol.fleet.ProbeAnswer;
import io.spillway.protocol.fleet.ProbeRequest;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcMethod;

/** Methods between controllers and nodes of Spillway that LiveKit doesn't have. */
public final class FleetMethods {
  /** Metadata of a canary; its value is the controller's id. */
  public static final String CANARY_METADATA = "spillway-canary";

  /**
   * Controller to one node, on the node's own topic only: a Go node would record it. It travels as
   * a StartEgress, so that it proves the very way on which starts come.
   */
  public static final RpcMethod<CanaryRequest, CanaryAnswer> CANARY =
      new RpcMethod<>(
          EgressServices.EGRESS_INTERNAL,
          "StartEgress",
          true,
          false,
          true,
          false,
          CanaryRequest.parser(),
          CanaryAnswer.parser());

  /** Node to any controller, over the client that carries its statuses. */
  public static final RpcMethod<ProbeRequest, ProbeAnswer> PROBE =
      new RpcMethod<>(
          EgressServices.IO_INFO,
          "SpillwayProbe",
          true,
          true,
          false,
          false,
          ProbeRequest.parser(),
          ProbeAnswer.parser());

  /**
   * Node to any controller, after a restart of the node: asks for the next epoch of an egress that
   * it recorded. The controller gives it in the store, so that of this node and the one to which
   * the egress may be moved at that moment only one goes on.
   */
  public static final RpcMethod<TakeUpRequest, TakeUpAnswer> TAKE_UP =
      new RpcMethod<>(
          EgressServices.IO_INFO,
          "SpillwayTakeUp",
          true,
          true,
          false,
          false,
          TakeUpRequest.parser(),
          TakeUpAnswer.parser());

  private FleetMethods() {}
}
