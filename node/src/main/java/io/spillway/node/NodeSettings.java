package io.spillway.node;

import io.spillway.node.admission.CostSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a node works. Names as in livekit/egress's configuration where it has them.
 *
 * @param nodeId this node's id, new at each start ({@code NE_…})
 * @param clusterId LiveKit's {@code cluster_id}, the topic on which start requests come; {@code ""}
 *     by default
 * @param serverUrl LiveKit's {@code ws_url}: the server to join where a request names none
 * @param apiKey and {@code apiSecret}: for the recorder's own join tokens
 * @param data folder for spool and journal
 * @param storagePrefix LiveKit's {@code storage.prefix}: put in front of every file's path; empty
 *     for none
 * @param outputRoots folders below which recordings may be written; empty: anywhere the process may
 *     write, as LiveKit does
 * @param disallowLocalStorage LiveKit's {@code disallow_local_storage}
 * @param minFreeDiskBytes a start is refused when the output's file system has less
 * @param maxFileDuration LiveKit's {@code session_limits.file_output_max_duration}; zero: no limit
 * @param maxFileBytes LiveKit's {@code session_limits.file_output_max_size}; 0: no limit
 * @param subscribeTimeout how long a track may take to appear (LiveKit: 30 s)
 * @param rejoinWindow how long a lost connection may take to come back
 * @param followWindow {@code reconnect_window}: how long to wait for an unpublished track to be
 *     published again; zero: its end is the end
 * @param mp4FastStart rewrite MP4 files at the end so that the index stands in front
 * @param spoolSync how often a recording is made safe against a power cut
 */
public record NodeSettings(
    String nodeId,
    String clusterId,
    String serverUrl,
    String apiKey,
    String apiSecret,
    Path data,
    String storagePrefix,
    List<Path> outputRoots,
    boolean disallowLocalStorage,
    long minFreeDiskBytes,
    Duration maxFileDuration,
    long maxFileBytes,
    Duration subscribeTimeout,
    Duration rejoinWindow,
    Duration followWindow,
    boolean mp4FastStart,
    Duration spoolSync,
    CostSettings costs,
    RpcConduct conduct) {
  /** Copies the roots. */
  public NodeSettings {
    outputRoots = List.copyOf(outputRoots);
  }

  /** The defaults for everything but identity, server and place. */
  public static NodeSettings defaults(
      String nodeId, String serverUrl, String apiKey, String apiSecret, Path data) {
    return new NodeSettings(
        nodeId,
        "",
        serverUrl,
        apiKey,
        apiSecret,
        data,
        "",
        List.of(),
        false,
        500_000_000L,
        Duration.ZERO,
        0,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ZERO,
        false,
        Duration.ofSeconds(10),
        CostSettings.defaults(),
        RpcConduct.alone());
  }

  /** Hides the secret. */
  @Override
  public String toString() {
    return "NodeSettings[nodeId="
        + nodeId
        + ", clusterId="
        + clusterId
        + ", serverUrl="
        + serverUrl
        + ", data="
        + data
        + "]";
  }
}
