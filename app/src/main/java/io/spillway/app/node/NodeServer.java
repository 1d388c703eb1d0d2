package io.spillway.app.node;

import io.spillway.app.command.Version;
import io.spillway.app.config.LogSetup;
import io.spillway.app.config.NodeConfig;
import io.spillway.app.node.HealthPages.Facts;
import io.spillway.app.node.HttpPort.Page;
import io.spillway.app.process.Opened;
import io.spillway.app.process.Serving;
import io.spillway.app.process.Shared;
import io.spillway.controller.repair.ThisMachine;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Place;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.node.Node;
import io.spillway.node.RpcConduct;
import io.spillway.node.fleet.HttpLeaseTarget;
import io.spillway.node.fleet.LeaseSender;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code spillway node}: a recorder on the Redis of a livekit-server, or of the controllers that
 * its leases go to. The whole graph is built here, top to bottom; what is opened is closed in the
 * reverse order.
 */
public final class NodeServer implements Serving {
  private static final Logger LOG = LoggerFactory.getLogger(NodeServer.class);
  private static final Duration CONNECT_WAIT = Duration.ofSeconds(5);

  /** A controller that takes longer finds the node gone by itself. */
  private static final Duration FAREWELL_WAIT = Duration.ofMillis(1500);

  private final NodeConfig config;
  private final Duration endWait;
  private final Opened opened = new Opened();
  private final Shared<MessageBus> shared;
  private final RedisBus bus;
  private final NodeHalf half;
  private final Node node;
  private final LeaseSender leases;

  /**
   * Opens everything and serves nothing yet.
   *
   * @param around what the node is given of the bus on Redis: the bus itself, unless somebody
   *     stands in between
   * @param random for ids, secrets and back-off
   * @param endWait how long {@link #close} lets recordings finish their files and statuses go out
   */
  public NodeServer(
      NodeConfig config,
      UnaryOperator<MessageBus> around,
      TimeSource time,
      SecureRandom random,
      Duration endWait) {
    this.config = config;
    this.endWait = endWait;
    try {
      ApiKey key = config.recorder().apiKeys().signing();
      Shared<RedisBus> onRedis =
          Shared.on(
              metrics -> new RedisBus(config.redis(), BusLimits.defaults(), time, random, metrics),
              time,
              random);
      bus = opened.open(onRedis.bus());
      shared = onRedis.with(around.apply(bus));
      half =
          opened.open(
              new NodeHalf(
                  config.recorder(),
                  config.isManaged()
                      ? RpcConduct.managed()
                      : RpcConduct.underLiveKit(config.lastResortBids()),
                  key,
                  shared));
      node = half.node();
      leases = opened.open(leases(key, time));
      if (config.healthPort() != 0) {
        opened.open(
            new HttpPort(
                config.healthPort(),
                Map.of(
                    "/", this::status,
                    "/healthz", () -> HealthPages.healthz(facts()),
                    "/readyz", () -> HealthPages.readyz(facts()))));
      }
      if (config.prometheusPort() != 0) {
        opened.open(new HttpPort(config.prometheusPort(), Map.of("/", this::scrape)));
      }
    } catch (RuntimeException failed) {
      opened.close();
      throw failed;
    }
  }

  /**
   * Serves from now on. Without Redis it waits a few seconds and then goes on without: it claims
   * requests once Redis and livekit-server are there.
   */
  @Override
  public void start() throws InterruptedException {
    if (!bus.awaitConnected(CONNECT_WAIT)) {
      LOG.atWarn()
          .addKeyValue("redis", config.redis().where())
          .log("no Redis yet: nothing is claimed until there is one");
    }
    node.start();
    leases.start();
  }

  /** To every controller; to nobody under a livekit-server. */
  private LeaseSender leases(ApiKey key, TimeSource time) {
    TokenSigner tokens = new TokenSigner(key, time);
    String version = new Version().number();
    Place place = ThisMachine.here(config.recorder().dataDir(), System.getenv());
    return new LeaseSender(
        number -> node.lease(number, config.region(), version).at(place),
        node::obey,
        config.controllers().stream()
            .map(each -> opened.open(new HttpLeaseTarget(each, tokens)))
            .toList(),
        time,
        task -> Thread.ofVirtual().name("lease").start(task));
  }

  /** Goes on with another configuration, as far as that goes while it serves. */
  public void reload(NodeConfig newer) {
    half.reload(newer.recorder());
    LogSetup.level(newer.recorder().log().level());
  }

  /** The node's id, new at each start. */
  public String nodeId() {
    return node.id();
  }

  /**
   * Takes no more starts and waits for recordings to end by themselves and statuses to be
   * acknowledged, at most {@code wait}; whether all is done.
   */
  public boolean drain(Duration wait) throws InterruptedException {
    return node.drain(wait);
  }

  private Page status() {
    Admission.Load load = node.load();
    double allowed = load.cores() * node.limits().maxCpuUtilization();
    double free = Math.max(0, allowed - load.busyCores() - load.reservedCores());
    return HealthPages.status(free, node.statuses());
  }

  private Page scrape() {
    return new Page(200, "text/plain; version=0.0.4; charset=utf-8", shared.metrics().text());
  }

  private Facts facts() {
    return new Facts(
        node.sinceHeartbeat(),
        node.refusal().or(leases::unheard),
        node.proofAge(),
        node.statuses().size(),
        node.statusesWaiting(),
        node.oldestStatusAge(),
        node.journal().failing(),
        node.spoolUnlisted(),
        shared.rpcMetrics().skew().complaint(HealthPages.SKEW_LIMIT));
  }

  /** Finishes every file and tells its status, within the wait; then closes all. */
  @Override
  public void close() {
    try {
      node.shutDown(endWait);
      leases.farewell(FAREWELL_WAIT);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    opened.close();
  }
}
