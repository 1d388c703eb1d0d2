package io.spillway.app.node;

import io.spillway.app.command.ConfigOptions;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OsSignal;
import io.spillway.app.command.Terminal;
import io.spillway.app.config.Loaded;
import io.spillway.app.config.NodeConfig;
import io.spillway.app.config.NodeFile;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.process.Starting;
import io.spillway.app.reload.ReloadParts;
import io.spillway.app.reload.Reloading;
import io.spillway.rpc.MessageBus;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code spillway node}: records for a livekit-server or for controllers until told to end. */
@Command(
    name = "node",
    description = {
      "Serve as a livekit/egress node: put it in the place of that container, with the same",
      "configuration file and variables, and leave livekit-server as it is.",
      "Prints 'ready NE_...' when it serves. SIGTERM takes no more requests and lets the recordings",
      "go on to their end; a second SIGTERM, or SIGINT (Ctrl-C), ends them now with their files kept",
      "and their statuses told. The exit code is 0 either way. SIGHUP reads the configuration again",
      "and takes limits and the log's level.",
      "With --controllers (or controller_urls) it is a node of a fleet instead: it takes what the",
      "controllers give it, over their Redis, and nothing from a livekit-server."
    },
    footer = {
      "",
      "Examples:",
      "  spillway node --config egress.yaml",
      "  EGRESS_CONFIG_BODY=\"$(cat egress.yaml)\" spillway node",
      "  spillway node --redis 127.0.0.1:6379 --livekit-url ws://127.0.0.1:7880 --health-port 8081",
      "  spillway node --config node.yaml --controllers http://c1:7990,http://c2:7990 --region eu",
      "",
      "The least that egress.yaml must hold:",
      "  redis: {address: 'redis:6379'}   # the Redis of your livekit-server",
      "  ws_url: wss://livekit.example.com",
      "  api_key: ...                     # or LIVEKIT_API_KEY",
      "  api_secret: ...                  # or LIVEKIT_API_SECRET",
      "",
      "Health port: / (as livekit/egress), /healthz, /readyz. Several nodes on one machine need",
      "--data folders of their own."
    })
public final class NodeCommand implements Callable<Integer> {
  /** Kubernetes gives 30 s between SIGTERM and SIGKILL; some stay for closing. */
  private static final Duration END_WAIT = Duration.ofSeconds(15);

  private static final Duration LOOK_EACH = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Terminal terminal;
  private final UnaryOperator<MessageBus> around;

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--redis",
      paramLabel = "HOST:PORT",
      description = "The Redis of your livekit-server (key redis.address).")
  private Optional<String> redis = Optional.empty();

  @Option(
      names = "--health-port",
      paramLabel = "PORT",
      description = "Serve /, /healthz and /readyz there (default: not at all).")
  private Optional<String> healthPort = Optional.empty();

  @Option(
      names = "--prometheus-port",
      paramLabel = "PORT",
      description = "Serve /metrics there (default: not at all).")
  private Optional<String> prometheusPort = Optional.empty();

  @Option(
      names = "--controllers",
      paramLabel = "URL[,URL]",
      description = {
        "The controllers whose node this is (key controller_urls, SPILLWAY_CONTROLLER_URLS):",
        "all of them, not a load balancer before them."
      })
  private Optional<String> controllers = Optional.empty();

  @Option(
      names = "--region",
      paramLabel = "NAME",
      description = "Where it runs, for its controllers (key region, SPILLWAY_REGION).")
  private Optional<String> region = Optional.empty();

  /**
   * For this terminal.
   *
   * @param around what the node is given of its bus: the bus itself, as it is shipped
   */
  public NodeCommand(Terminal terminal, UnaryOperator<MessageBus> around) {
    this.terminal = terminal;
    this.around = around;
  }

  @Override
  public Integer call() throws InterruptedException {
    Loaded<NodeConfig> loaded = load();
    NodeConfig config = loaded.config();
    SpillwayConfig recorder = config.recorder();
    Starting.requireServer(recorder);
    Logger log = Starting.log(recorder.log(), loaded.warnings(), NodeCommand.class);
    Signals signals = new Signals(terminal.time());
    try (NodeServer server = Starting.begin(() -> open(config), recorder)) {
      OsSignal.handle(
          "HUP",
          new Reloading<>(config, ReloadParts.node(), () -> load().config(), server::reload));
      terminal.say("ready " + server.nodeId());
      serve(server, signals, log);
    }
    return ExitCode.OK;
  }

  private static void serve(NodeServer server, Signals signals, Logger log)
      throws InterruptedException {
    Optional<Signals.Wish> wish = Optional.empty();
    while (wish.isEmpty()) {
      wish = signals.next(LONG);
    }
    if (wish.get() == Signals.Wish.END) {
      return;
    }
    while (!server.drain(LOOK_EACH)) {
      if (signals.next(Duration.ZERO).isPresent()) {
        log.atInfo().log("told to end again: the recordings end now");
        return;
      }
    }
  }

  private Loaded<NodeConfig> load() {
    return options.load(
        terminal,
        NodeFile::read,
        Map.of(
            "redis.address", redis,
            "health_port", healthPort,
            "prometheus_port", prometheusPort,
            "controller_urls", controllers,
            "region", region));
  }

  private NodeServer open(NodeConfig config) {
    return new NodeServer(config, around, terminal.time(), new SecureRandom(), END_WAIT);
  }
}
