package io.spillway.app.node;

import io.prometheus.metrics.model.snapshots.Labels;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.process.Opened;
import io.spillway.app.process.Shared;
import io.spillway.controller.dispatch.LiveKitRooms;
import io.spillway.core.fleet.Admission;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.node.Node;
import io.spillway.node.NodeSettings;
import io.spillway.node.RoomCheck;
import io.spillway.node.RpcConduct;
import io.spillway.node.admission.CgroupMemory;
import io.spillway.node.admission.CostSettings;
import io.spillway.node.admission.ProcMeter;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.net.KernelDrops;
import io.spillway.storage.FreeDisk;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneId;
import java.util.OptionalDouble;

/**
 * The recording half of a process, put together for a bus: media engine, node, what both export.
 * The same under a livekit-server and beside a controller.
 */
public final class NodeHalf implements AutoCloseable {
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");
  private static final Duration ROOM_CHECK_WAIT = Duration.ofSeconds(3);

  private final Opened opened = new Opened();
  private final Node node;

  /** Opens the node's folders; {@link Node#start} begins to serve. */
  public NodeHalf(SpillwayConfig config, RpcConduct conduct, ApiKey key, Shared<?> parts) {
    try {
      TimeSource time = parts.time();
      RtcEngine rtc = opened.open(new RtcEngine(rtcSettings(config), time, parts.random()));
      LiveKitRooms rooms =
          opened.open(
              new LiveKitRooms(URI.create(config.livekitUrl()), new TokenSigner(key, time), time));
      NodeSettings settings = settings(config, conduct, key, parts.random());
      this.node =
          opened.open(
              new Node(
                  settings,
                  new Node.Parts(
                      parts.bus(),
                      parts.rpcMetrics(),
                      rtc,
                      new ProcMeter(Path.of("/proc"), CGROUP),
                      FreeDisk.ofSystem(),
                      roomCheck(rooms, time),
                      time,
                      parts.random(),
                      parts.random(),
                      ZoneId.systemDefault())));
      KernelDropCount kernelDrops = opened.open(kernelDrops(config, time));
      MediaMetrics.register(parts.metrics().registry(), rtc, node);
      parts
          .rpcMetrics()
          .methods()
          .registerOn(
              parts.metrics().registry(),
              Labels.of("node_id", settings.nodeId(), "node_type", "EGRESS"));
      NodeMetrics.register(
          parts.metrics().registry(), settings, node, rtc, new CgroupMemory(CGROUP), kernelDrops);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
  }

  /** The node. */
  public Node node() {
    return node;
  }

  /** Goes on with another configuration's limits. */
  public void reload(SpillwayConfig newer) {
    node.limits(
        costs(newer).limits(), newer.limits().fileMaxDuration(), newer.limits().fileMaxBytes());
  }

  private static RtcSettings rtcSettings(SpillwayConfig config) {
    SpillwayConfig.Network network = config.network();
    return new RtcSettings(
        RtcSettings.defaults().selectorThreads(),
        network.udpReceiveBufferBytes(),
        network.udpPortMin(),
        network.udpPortMax(),
        network.joinsAtOnce(),
        RtcSettings.defaults().srtpProfiles());
  }

  private static KernelDropCount kernelDrops(SpillwayConfig config, TimeSource time) {
    SpillwayConfig.Network network = config.network();
    KernelDropCount count =
        new KernelDropCount(
            new KernelDrops()::byLocalPort, network.udpPortMin(), network.udpPortMax(), time);
    count.start();
    return count;
  }

  /** What the configuration says to the node. */
  public static NodeSettings settings(
      SpillwayConfig config, RpcConduct conduct, ApiKey key, SecureRandom random) {
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
        costs(config),
        conduct);
  }

  private static CostSettings costs(SpillwayConfig config) {
    SpillwayConfig.Admission admission = config.admission();
    return new CostSettings(
        new Admission.Limits(admission.maxCpuUtilization(), admission.maxMemoryBytes(), 0),
        admission.trackCpuCost().map(OptionalDouble::of).orElse(OptionalDouble.empty()),
        admission.memoryCostBytes().orElse(0L));
  }

  private static RoomCheck roomCheck(LiveKitRooms rooms, TimeSource time) {
    return room -> {
      try {
        return rooms.sidOf(room, Deadline.in(time, ROOM_CHECK_WAIT)).isPresent();
      } catch (RpcException nobodyTells) {
        throw new IOException(nobodyTells.getMessage(), nobodyTells);
      }
    };
  }

  /** Closes what it opened, in the reverse order; {@link Node#shutDown} comes before. */
  @Override
  public void close() {
    opened.close();
  }
}
