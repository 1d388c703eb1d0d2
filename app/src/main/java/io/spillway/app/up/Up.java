package io.spillway.app.up;

import io.spillway.app.config.LogSetup;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.controller.ControlHalf;
import io.spillway.app.node.NodeHalf;
import io.spillway.app.process.Opened;
import io.spillway.app.process.Serving;
import io.spillway.app.process.Shared;
import io.spillway.controller.ControllerSettings;
import io.spillway.controller.repair.Supervisor;
import io.spillway.controller.status.LostEgresses;
import io.spillway.controller.status.ProgressSource;
import io.spillway.core.time.TimeSource;
import io.spillway.node.Node;
import io.spillway.node.RpcConduct;
import io.spillway.node.fleet.LeaseSender;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.store.sql.EgressStores;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code spillway up}: a controller and a node that meet on a memory bus, over an embedded store.
 * The whole graph is built here, top to bottom; what is opened is closed in the reverse order.
 */
public final class Up implements Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Up.class);

  private final Duration endWait;
  private final Opened opened = new Opened();
  private final TimeSource time;
  private final Node node;
  private final NodeHalf recorder;
  private final ControlHalf control;
  private final LeaseSender leases;

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
    this.endWait = endWait;
    this.time = time;
    try {
      Shared<MemoryBus> shared = Shared.on(MemoryBus::new, time, random);
      opened.open(shared.bus());
      control =
          opened.open(
              new ControlHalf(
                  config,
                  new ControlHalf.Setting(
                      router -> EgressStores.sqlite(config.dataDir(), time, router),
                      Optional.empty(),
                      ControllerSettings.Fleet.usual(),
                      this::progress,
                      version,
                      Supervisor.none(),
                      Optional.empty()),
                  shared));
      recorder =
          opened.open(new NodeHalf(config, RpcConduct.alone(), config.apiKeys().signing(), shared));
      node = recorder.node();
      leases =
          opened.open(
              new LeaseSender(
                  number -> node.lease(number, "", version),
                  node::obey,
                  List.of(control.controller().fleet()::renew),
                  time,
                  task -> Thread.ofVirtual().name("lease").start(task)));
    } catch (RuntimeException failed) {
      opened.close();
      throw failed;
    }
  }

  /**
   * The controller listens first: a node's first act is to tell what an earlier process left. What
   * that process stored and nobody has is ended then.
   */
  @Override
  public void start() {
    LostEgresses lost = LostEgresses.of(control.store(), time);
    control.controller().start();
    node.start();
    leases.start();
    // Read twice: an egress that goes from recovery to recording during one reading may be missed
    // by it, and a recording must not be taken for lost.
    Set<String> known = new HashSet<>(node.knownEgresses());
    known.addAll(node.knownEgresses());
    int ended = lost.end(known);
    LOG.atInfo().addKeyValue("known", known.size()).addKeyValue("lost", ended).log("up");
  }

  /** Goes on with another configuration, as far as that goes while it serves. */
  public void reload(SpillwayConfig newer) {
    control.reload(newer);
    recorder.reload(newer);
    LogSetup.level(newer.log().level());
  }

  /** Where the API is served. */
  public URI address() {
    return control.address();
  }

  /** Finishes every file and tells its status, within the wait; then closes all. */
  @Override
  public void close() {
    try {
      node.shutDown(endWait);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    opened.close();
  }

  private Map<String, ProgressSource.Progress> progress() {
    Map<String, ProgressSource.Progress> out = new HashMap<>();
    node.progress()
        .forEach((egress, far) ->
            out.put(egress, new ProgressSource.Progress(far.seconds(), far.bytes())));
    return out;
  }
}
