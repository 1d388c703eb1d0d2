package io.spillway.core.fleet;

/**
 * The name under which a stored egress knows its livekit/egress node. Such a node gives no name
 * with its reports: what tells it from others is the psrpc client that they come from.
 */
public final class GoNodeId {
  private static final String PREFIX = "go:";

  private GoNodeId() {}

  /** The name of the node whose reports come from this psrpc client. */
  public static String ofClient(String clientId) {
    return PREFIX + clientId;
  }

  /** Whether a stored egress's node is one of these. */
  public static boolean isOne(String nodeId) {
    return nodeId.startsWith(PREFIX);
  }
}
