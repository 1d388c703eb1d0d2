package io.spillway.node.request;

import io.spillway.protocol.livekit.EgressInfo;

/**
 * What to record, read from a request that was found right.
 *
 * @param info the EgressInfo to report first: STARTING, request redacted, one empty file result
 * @param epoch LiveKit's {@code retry_count} + 1
 * @param serverUrl the LiveKit server to join
 * @param token to join with; empty: the node makes its own
 * @param filepath template of the file's name as the caller gave it
 * @param disableManifest no {@code {egress_id}.json} beside the file
 */
public record TrackPlan(
    String egressId,
    int epoch,
    String roomName,
    String roomId,
    String trackId,
    String serverUrl,
    String token,
    String filepath,
    boolean disableManifest,
    EgressInfo info) {}
