package io.spillway.rpc;

import com.google.protobuf.Empty;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.livekit.UpdateStreamRequest;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.protocol.rpc.UpdateMetricsRequest;

/**
 * The methods between controllers, nodes and livekit-servers (livekit/protocol rpc/egress.proto,
 * rpc/io.proto).
 */
public final class EgressServices {
  public static final String EGRESS_INTERNAL = "EgressInternal";
  public static final String EGRESS_HANDLER = "EgressHandler";
  public static final String IO_INFO = "IOInfo";

  /** Controller to nodes; topic: cluster id, or a node's own id. */
  public static final RpcMethod<StartEgressRequest, EgressInfo> START_EGRESS =
      new RpcMethod<>(
          EGRESS_INTERNAL,
          "StartEgress",
          true,
          false,
          true,
          false,
          StartEgressRequest.parser(),
          EgressInfo.parser());

  /** Controller to all nodes; topic: cluster id. */
  public static final RpcMethod<ListActiveEgressRequest, ListActiveEgressResponse>
      LIST_ACTIVE_EGRESS =
          new RpcMethod<>(
              EGRESS_INTERNAL,
              "ListActiveEgress",
              false,
              false,
              false,
              true,
              ListActiveEgressRequest.parser(),
              ListActiveEgressResponse.parser());

  /** Controller to the node that has the egress; topic: egress id. */
  public static final RpcMethod<StopEgressRequest, EgressInfo> STOP_EGRESS =
      new RpcMethod<>(
          EGRESS_HANDLER,
          "StopEgress",
          true,
          true,
          false,
          false,
          StopEgressRequest.parser(),
          EgressInfo.parser());

  /** As {@link #STOP_EGRESS}. */
  public static final RpcMethod<UpdateStreamRequest, EgressInfo> UPDATE_STREAM =
      new RpcMethod<>(
          EGRESS_HANDLER,
          "UpdateStream",
          true,
          true,
          false,
          false,
          UpdateStreamRequest.parser(),
          EgressInfo.parser());

  /** Node to whoever keeps the status; no topic. */
  public static final RpcMethod<EgressInfo, Empty> CREATE_EGRESS =
      new RpcMethod<>(
          IO_INFO, "CreateEgress", true, true, false, false, EgressInfo.parser(), Empty.parser());

  public static final RpcMethod<EgressInfo, Empty> UPDATE_EGRESS =
      new RpcMethod<>(
          IO_INFO, "UpdateEgress", true, true, false, false, EgressInfo.parser(), Empty.parser());

  public static final RpcMethod<GetEgressRequest, EgressInfo> GET_EGRESS =
      new RpcMethod<>(
          IO_INFO,
          "GetEgress",
          true,
          true,
          false,
          false,
          GetEgressRequest.parser(),
          EgressInfo.parser());

  public static final RpcMethod<ListEgressRequest, ListEgressResponse> LIST_EGRESS =
      new RpcMethod<>(
          IO_INFO,
          "ListEgress",
          true,
          true,
          false,
          false,
          ListEgressRequest.parser(),
          ListEgressResponse.parser());

  public static final RpcMethod<UpdateMetricsRequest, Empty> UPDATE_METRICS =
      new RpcMethod<>(
          IO_INFO,
          "UpdateMetrics",
          true,
          true,
          false,
          false,
          UpdateMetricsRequest.parser(),
          Empty.parser());

  private EgressServices() {}
}
