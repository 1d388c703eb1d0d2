package io.spillway.app.controller;

import io.spillway.app.config.ControllerConfig;
import io.spillway.app.config.FrontDoorConfig;
import io.spillway.app.config.LogSetup;
import io.spillway.app.config.SupervisorConfig;
import io.spillway.app.process.Serving;
import io.spillway.app.process.Shared;
import io.spillway.controller.ControllerSettings;
import io.spillway.controller.frontdoor.DoorBus;
import io.spillway.controller.repair.KubernetesSupervisor;
import io.spillway.controller.repair.LocalSupervisor;
import io.spillway.controller.repair.Supervisor;
import io.spillway.controller.repair.ThisMachine;
import io.spillway.controller.status.ProgressSource;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.store.ControllerStore;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.sql.EgressStores;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code spillway controller}: takes requests for a fleet of nodes in other processes. Holds
 * nothing that the store and one lease of each node can't bring back: it may be killed at any time.
 */
public final class ControllerServer implements Serving {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerServer.class);
  private static final Duration CONNECT_WAIT = Duration.ofSeconds(5);

  private final ControllerConfig config;
  private final RedisBus bus;
  private final Optional<RedisBus> door;
  private final ControlHalf half;

  /**
   * Opens everything and serves nothing yet.
   *
   * @param random for ids, secrets and back-off
   */
  public ControllerServer(
      ControllerConfig config, TimeSource time, SecureRandom random, String version) {
    this.config = config;
    Shared<RedisBus> shared =
        Shared.on(
            metrics -> new RedisBus(config.redis(), BusLimits.defaults(), time, random, metrics),
            time,
            random);
    bus = shared.bus();
    door =
        config
            .frontDoor()
            .map(some ->
                new RedisBus(
                    some.redis(), BusLimits.defaults(), time, random, shared.rpcMetrics()));
    try {
      half =
          new ControlHalf(
              config.common(),
              new ControlHalf.Setting(
                  router -> open(router, time),
                  config.secrets(),
                  new ControllerSettings.Fleet(
                      config.region(), config.onNodeLoss(), config.goNodes()),
                  ProgressSource.none(),
                  version,
                  supervisor(config.supervisor(), random),
                  config.frontDoor().map(this::frontDoor)),
              shared);
    } catch (RuntimeException failed) {
      door.ifPresent(RedisBus::close);
      bus.close();
      throw failed;
    }
  }

  private ControlHalf.FrontDoor frontDoor(FrontDoorConfig some) {
    return new ControlHalf.FrontDoor(
        new DoorBus(door.orElseThrow(), some.redis().where()), some.ownWebhooks());
  }

  private static Supervisor supervisor(SupervisorConfig config, SecureRandom random) {
    return switch (config) {
      case SupervisorConfig.None _ -> Supervisor.none();
      case SupervisorConfig.Local(var command, var folders) ->
          new LocalSupervisor(
              new LocalSupervisor.Settings(command, folders), ThisMachine.name(), random);
      case SupervisorConfig.Kubernetes(var namespace, var labels, var grace) ->
          KubernetesSupervisor.connect(new KubernetesSupervisor.Settings(namespace, labels, grace));
    };
  }

  private ControllerStore open(EventRouter router, TimeSource time) {
    return config
        .database()
        .map(shared -> EgressStores.postgres(shared, time, router))
        .orElseGet(() -> EgressStores.sqlite(config.common().dataDir(), time, router));
  }

  /**
   * Serves from now on. Without Redis it waits a few seconds and then goes on without: starts are
   * refused with that reason until it is there.
   */
  @Override
  public void start() throws InterruptedException {
    if (!bus.awaitConnected(CONNECT_WAIT)) {
      LOG.atWarn()
          .addKeyValue("redis", config.redis().where())
          .log("no Redis yet: no node can be reached until there is one");
    }
    if (door.isPresent()) {
      var _ = door.get().awaitConnected(CONNECT_WAIT); // said when the door doesn't open
    }
    half.controller().start();
  }

  /** Goes on with another configuration, as far as that goes while it serves. */
  public void reload(ControllerConfig newer) {
    half.reload(newer.common());
    LogSetup.level(newer.common().log().level());
  }

  /** Where the API is served. */
  public URI address() {
    return half.address();
  }

  /** Takes no new request, answers those under way, then lets go of everything. */
  @Override
  public void close() {
    try (bus) {
      try {
        half.close();
      } finally {
        door.ifPresent(RedisBus::close);
      }
    }
  }
}
