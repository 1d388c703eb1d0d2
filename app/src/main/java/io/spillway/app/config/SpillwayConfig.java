package io.spillway.app.config;

import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything an operator can set, checked, with defaults filled in. Its text never shows a secret.
 *
 * @param livekitUrl of the LiveKit server: ws, wss, http or https; empty until one is given
 * @param keys API keys with their secrets, the first is the one we sign with
 * @param clusterId topic on which nodes take requests, {@code ""} as LiveKit's default
 * @param dataDir store, spool, keys: everything that must survive a restart
 * @param historyRetention how long ended egresses are kept in the store; zero: for ever
 */
public record SpillwayConfig(
    String livekitUrl,
    Map<String, String> keys,
    String clusterId,
    String bindAddress,
    int port,
    Path dataDir,
    Duration startTimeout,
    Duration historyRetention,
    Recording recording,
    Limits limits,
    Admission admission,
    Network network,
    Webhooks webhooks,
    Log log,
    Dashboard dashboard,
    Alerts alerts) {

  /**
   * Where and how files are written.
   *
   * @param disallowLocalStorage refuse requests that would end on this machine's disk
   * @param localOutputRoots folders that local files are confined to; empty: anywhere the process
   *     may write, as LiveKit does
   * @param prefix put in front of every file name
   * @param minFreeDiskBytes a start is refused below it
   * @param spoolSync how often a running recording is fsynced
   * @param reconnectWindow how long a re-published track is waited for; zero: its end is the end
   * @param mp4FastStart rewrite MP4 files at their end with the index in front
   */
  public record Recording(
      boolean disallowLocalStorage,
      List<Path> localOutputRoots,
      String prefix,
      long minFreeDiskBytes,
      Duration spoolSync,
      Duration reconnectWindow,
      boolean mp4FastStart) {
    /** Copies what is handed in. */
    public Recording {
      localOutputRoots = List.copyOf(localOutputRoots);
    }
  }

  /** Session limits; zero: none. */
  public record Limits(Duration fileMaxDuration, long fileMaxBytes) {}

  /**
   * What a node takes. A value that is there was set on purpose and is honoured as LiveKit's; else
   * measured load decides.
   *
   * @param maxCpuUtilization share of the machine that recordings may use, 0 to 1
   * @param trackCpuCost cores reserved per track egress
   * @param maxMemoryBytes of the process; zero: no limit
   * @param memoryCostBytes reserved per egress
   */
  public record Admission(
      double maxCpuUtilization,
      Optional<Double> trackCpuCost,
      long maxMemoryBytes,
      Optional<Long> memoryCostBytes) {}

  /**
   * Media sockets.
   *
   * @param udpPortMin lowest local UDP port, 0: any
   * @param udpPortMax highest local UDP port, 0: any
   */
  public record Network(
      int udpPortMin, int udpPortMax, int udpReceiveBufferBytes, int joinsAtOnce) {}

  /**
   * Who hears what becomes of egresses, with livekit-server's keys.
   *
   * @param apiKey that signs; empty: the first of {@link SpillwayConfig#keys}
   * @param includeEvents only these; empty: all but those excluded
   */
  public record Webhooks(
      String apiKey, List<String> urls, List<String> includeEvents, List<String> excludeEvents) {
    /** Copies what is handed in. */
    public Webhooks {
      urls = List.copyOf(urls);
      includeEvents = List.copyOf(includeEvents);
      excludeEvents = List.copyOf(excludeEvents);
    }
  }

  /** How it logs: {@code level} is trace, debug, info, warn or error. */
  public record Log(String level, boolean json) {}

  /**
   * Who may see the dashboard.
   *
   * @param viewerToken lets its holder look
   * @param adminToken lets its holder do all, beside the API keys
   */
  public record Dashboard(
      boolean enabled,
      Optional<String> viewerToken,
      Optional<String> adminToken,
      Duration sessionLife) {
    /** Without the tokens. */
    @Override
    public String toString() {
      return "Dashboard[enabled=%s, sessionLife=%s]".formatted(enabled, sessionLife);
    }
  }

  /**
   * Who is told when something is wrong.
   *
   * @param alertmanager its address, without {@code /api/v2/alerts}
   * @param webhook is posted what fires and what is over
   * @param dashboard where people reach the dashboard, for links
   * @param latencyTarget a start that takes longer counts as slow
   */
  public record Alerts(
      Optional<URI> alertmanager,
      Optional<URI> webhook,
      Optional<URI> dashboard,
      Duration latencyTarget) {
    /** Without the addresses, which may hold passwords. */
    @Override
    public String toString() {
      return "Alerts[latencyTarget=" + latencyTarget + "]";
    }
  }

  /** Copies what is handed in. */
  public SpillwayConfig {
    keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys)); // copyOf loses the order
  }

  /** The key we sign with. */
  public Optional<ApiKey> signingKey() {
    return allKeys().findFirst();
  }

  /** The keys as they are accepted; at least one must have been given. */
  public ApiKeys apiKeys() {
    return new ApiKeys(allKeys().toList());
  }

  private Stream<ApiKey> allKeys() {
    return keys.entrySet().stream().map(entry -> new ApiKey(entry.getKey(), entry.getValue()));
  }

  @Override
  public String toString() {
    return "SpillwayConfig[livekitUrl=%s, keys=%s (secrets left out), port=%d, dataDir=%s]"
        .formatted(livekitUrl, keys.keySet(), port, dataDir);
  }
}
