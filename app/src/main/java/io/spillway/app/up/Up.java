package io.spillway.app.up;

import com.google.protobuf.ByteString;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.controller.Controller;
import io.spillway.controller.ControllerHooks;
import io.spillway.controller.ControllerSettings;
import io.spillway.controller.api.ApiSettings;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.controller.dispatch.LiveKitRooms;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.controller.status.LostEgresses;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.webhook.EventFilter;
import io.spillway.controller.webhook.WebhookRouter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.core.fleet.Admission;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenSigner;
import io.spillway.node.Node;
import io.spillway.node.NodeSettings;
import io.spillway.node.RoomCheck;
import io.spillway.node.admission.CostSettings;
import io.spillway.node.admission.ProcMeter;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.net.KernelDrops;
import io.spillway.storage.FreeDisk;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.store.ControllerStore;
import io.spillway.store.sql.EgressStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code spillway up}: a controller and a node that meet on a memory bus, over an embedded store.
 * The whole graph is built here, top to bottom; what is opened is closed in the reverse order.
 */
public final class Up implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Up.class);
  private static final Duration ROOM_CHECK_WAIT = Duration.ofSeconds(3);

  private final SpillwayConfig config;
  private final Duration endWait;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final TimeSource time;
  private final ControllerStore store;
  private final Node node;
  private final Controller controller;

  /**
   * Opens everything and serves nothing yet.
   *
   * @param endWait how long {@link #close} lets recordings finish their files
   */
  public Up(
      SpillwayConfig config,
      TimeSource time,
      SecureRandom random,
      String version,
      Duration endWait) {
    this.config = config;
    this.endWait = endWait;
    this.time = time;
    try {
      ApiKeys keys =
          new ApiKeys(
              config.keys().entrySet().stream()
                  .map(entry -> new ApiKey(entry.getKey(), entry.getValue()))
                  .toList());
      URI livekit = URI.create(config.livekitUrl());
      RpcMetrics rpcMetrics = new RpcMetrics();
      MetricsText metrics = new MetricsText();
      rpcMetrics.registerOn(metrics.registry());

      WebhookRouter webhooks = new WebhookRouter(webhookSettings(config.webhooks()), keys);
      store = open(EgressStores.sqlite(config.dataDir(), time, webhooks));
      MemoryBus bus = open(new MemoryBus(rpcMetrics));
      RtcEngine rtc = open(new RtcEngine(rtcSettings(), time, random));
      LiveKitRooms rooms =
          open(new LiveKitRooms(livekit, new TokenSigner(keys.signing(), time), time));
      NodeSettings nodeSettings = nodeSettings(config, keys.signing(), random);
      node =
          open(
              new Node(
                  nodeSettings,
                  new Node.Parts(
                      bus,
                      rpcMetrics,
                      rtc,
                      new ProcMeter(Path.of("/proc"), Path.of("/sys/fs/cgroup")),
                      FreeDisk.ofSystem(),
                      roomCheck(rooms, time),
                      time,
                      random,
                      random,
                      ZoneOffset.UTC)));
      KernelDropCount kernelDrops = open(kernelDrops(time));
      MediaMetrics.register(metrics.registry(), rtc, node);
      NodeMetrics.register(metrics.registry(), nodeSettings, node, rtc, kernelDrops);
      ControllerHooks hooks =
          new ControllerHooks(
              this::progress,
              sealer(random),
              metrics.registry(),
              rpcMetrics,
              webhooks,
              metrics::text);
      controller =
          open(
              new Controller(
                  controllerSettings(keys, livekit, version), hooks, store, bus, time, random));
    } catch (RuntimeException failed) {
      closeOpened();
      throw failed;
    }
  }

  /**
   * The controller listens first: a node's first act is to tell what an earlier process left. What
   * that process stored and nobody has is ended then.
   */
  public void start() {
    LostEgresses lost = LostEgresses.of(store, time);
    controller.start();
    node.start();
    // Read twice: an egress that goes from recovery to recording during one reading may be missed
    // by it, and a recording must not be taken for lost.
    Set<String> known = new HashSet<>(node.knownEgresses());
    known.addAll(node.knownEgresses());
    int ended = lost.end(known);
    LOG.atInfo().addKeyValue("known", known.size()).addKeyValue("lost", ended).log("up");
  }

  /** Where the API is served. */
  public URI address() {
    String host = config.bindAddress().equals("0.0.0.0") ? "127.0.0.1" : config.bindAddress();
    return URI.create("http://" + host + ":" + controller.port());
  }

  /** Finishes every file and tells its status, within the wait; then closes all. */
  @Override
  public void close() {
    try {
      node.shutDown(endWait);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    closeOpened();
  }

  private void closeOpened() {
    while (!opened.isEmpty()) {
      AutoCloseable last = opened.pop();
      try {
        last.close();
      } catch (Exception failed) {
        // The others must be closed all the same: a store that stays open loses its lock file.
        LOG.atError()
            .addKeyValue("part", last.getClass().getSimpleName())
            .setCause(failed)
            .log("could not be closed");
      }
    }
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  private RtcSettings rtcSettings() {
    SpillwayConfig.Network network = config.network();
    return new RtcSettings(
        RtcSettings.defaults().selectorThreads(),
        network.udpReceiveBufferBytes(),
        network.udpPortMin(),
        network.udpPortMax(),
        network.joinsAtOnce());
  }

  private KernelDropCount kernelDrops(TimeSource time) {
    SpillwayConfig.Network network = config.network();
    KernelDropCount count =
        new KernelDropCount(
            new KernelDrops()::byLocalPort, network.udpPortMin(), network.udpPortMax(), time);
    count.start();
    return count;
  }

  static NodeSettings nodeSettings(SpillwayConfig config, ApiKey key, SecureRandom random) {
    SpillwayConfig.Recording recording = config.recording();
    NodeSettings standard =
        NodeSettings.defaults(
            "NE_" + PsrpcServer.newId(random).substring("SRV_".length()),
            config.livekitUrl(),
            key.key(),
            key.secret(),
            config.dataDir());
    return new NodeSettings(
        standard.nodeId(),
        config.clusterId(),
        standard.serverUrl(),
        standard.apiKey(),
        standard.apiSecret(),
        standard.data(),
        recording.prefix(),
        recording.localOutputRoots(),
        recording.disallowLocalStorage(),
        recording.minFreeDiskBytes(),
        config.limits().fileMaxDuration(),
        config.limits().fileMaxBytes(),
        standard.subscribeTimeout(),
        standard.rejoinWindow(),
        recording.reconnectWindow(),
        recording.mp4FastStart(),
        recording.spoolSync(),
        costs(config));
  }

  private static CostSettings costs(SpillwayConfig config) {
    SpillwayConfig.Admission admission = config.admission();
    return new CostSettings(
        new Admission.Limits(admission.maxCpuUtilization(), admission.maxMemoryBytes(), 0),
        admission.trackCpuCost().map(OptionalDouble::of).orElse(OptionalDouble.empty()),
        admission.memoryCostBytes().orElse(0L));
  }

  private ControllerSettings controllerSettings(ApiKeys keys, URI livekit, String version) {
    ApiSettings api = ApiSettings.of(keys);
    DispatchSettings dispatch = DispatchSettings.of(livekit);
    return new ControllerSettings(
        new ApiSettings(
            config.bindAddress(),
            config.port(),
            keys,
            api.bodyLimitBytes(),
            api.bodyTimeout(),
            api.idleTimeout(),
            api.connectionLimit(),
            api.closeTimeout(),
            version),
        new DispatchSettings(
            livekit,
            config.clusterId(),
            config.startTimeout(),
            dispatch.stopTimeout(),
            dispatch.stopTries()),
        config.historyRetention());
  }

  private static WebhookSettings webhookSettings(SpillwayConfig.Webhooks config) {
    return WebhookSettings.of(
        config.apiKey(),
        config.urls(),
        new EventFilter(config.includeEvents(), config.excludeEvents()));
  }

  private static RoomCheck roomCheck(LiveKitRooms rooms, TimeSource time) {
    return room -> {
      try {
        return rooms.sidOf(room, Deadline.in(time, ROOM_CHECK_WAIT)).isPresent();
      } catch (RpcException nobodyTells) {
        return true; // the join will tell
      }
    };
  }

  private RequestSealer sealer(SecureRandom random) {
    try {
      Seal seal =
          new Seal(SealKeys.ofFile(config.dataDir().resolve("secrets.key"), random), random);
      return (egressId, request) -> ByteString.copyFrom(seal.seal(request.toByteArray(), egressId));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(
          "could not read or make the key file in " + config.dataDir(), unreadable);
    }
  }

  private Map<String, ProgressSource.Progress> progress() {
    Map<String, ProgressSource.Progress> out = new HashMap<>();
    node.progress()
        .forEach((egress, far) ->
            out.put(egress, new ProgressSource.Progress(far.seconds(), far.bytes())));
    return out;
  }
}
