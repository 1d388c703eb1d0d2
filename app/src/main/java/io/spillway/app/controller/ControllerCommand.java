package io.spillway.app.controller;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.ServerOptions;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.Version;
import io.spillway.app.config.ControllerConfig;
import io.spillway.app.config.ControllerFile;
import io.spillway.app.config.FrontDoorSection;
import io.spillway.app.config.Loaded;
import io.spillway.app.process.Starting;
import io.spillway.app.reload.ReloadParts;
import io.spillway.app.reload.Reloading;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code spillway controller}: decides for a fleet of nodes until it is told to end. */
@Command(
    name = "controller",
    description = {
      "Serve the API, the dashboard, webhooks and alerts for a fleet of nodes in other processes:",
      "choose a node for each start, watch all nodes, move recordings off a lost one.",
      "Prints 'ready http://...' when it takes requests. SIGTERM and SIGINT (Ctrl-C) answer what is",
      "under way and end; recordings go on meanwhile, on their nodes. SIGHUP reads",
      "the configuration again: keys, webhooks, alerts and the log's level are taken at once."
    },
    footer = {
      "",
      "Examples:",
      "  spillway controller --config controller.yaml",
      "  spillway controller --redis 127.0.0.1:6379 --livekit-url ws://127.0.0.1:7880",
      "  spillway node --config node.yaml    # with controller_urls: each node of the fleet",
      "",
      "The least that controller.yaml must hold:",
      "  redis: {address: 'redis:6379'}   # of controllers and nodes; not the livekit-server's",
      "  ws_url: wss://livekit.example.com",
      "  api_key: ...                     # or LIVEKIT_API_KEY",
      "  api_secret: ...                  # or LIVEKIT_API_SECRET",
      "  bind: 0.0.0.0                    # nodes send their leases to this port (7990)",
      "",
      "Several controllers share a PostgreSQL, and a key for what is stored there:",
      "  database_url: postgres://user@db:5432/spillway",
      "  database_password: ...           # or SPILLWAY_DATABASE_PASSWORD",
      "  secrets_key: ...                 # or SPILLWAY_SECRETS_KEY; made by: openssl rand -base64 32",
      "Without database_url one controller keeps an SQLite file in its --data folder.",
      "",
      "As the one egress node of a livekit-server, on that server's own Redis (room auto-egress and",
      "its API then get what the fleet promises):",
      "  front_door: {address: 'livekit-redis:6379'}",
      "",
      "More: region, on_node_loss (continue or end), go_nodes (livekit/egress nodes on the fleet's Redis),",
      "webhook, dashboard, alerts: docs/configuration.md"
    })
public final class ControllerCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ServerOptions options = new ServerOptions();

  @Option(
      names = "--redis",
      paramLabel = "HOST:PORT",
      description = "The Redis that controllers and nodes share (key redis.address).")
  private Optional<String> redis = Optional.empty();

  @Option(
      names = "--front-door",
      paramLabel = "REDIS_URL",
      description = {
        "Be the egress node of the livekit-server on this Redis, another one than --redis:",
        "host:port or redis://[user:password@]host:port[/db] (key front_door, as redis)."
      })
  private Optional<String> frontDoor = Optional.empty();

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = {
        "PostgreSQL that controllers share (default: SPILLWAY_DATABASE_URL, else an SQLite file).",
        "Prefer the variable for an address with a password: arguments are seen by everyone here."
      })
  private Optional<String> databaseUrl = Optional.empty();

  @Option(
      names = "--region",
      paramLabel = "NAME",
      description = "Where it runs: starts that name no region begin there (SPILLWAY_REGION).")
  private Optional<String> region = Optional.empty();

  /** For this terminal. */
  public ControllerCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Loaded<ControllerConfig> loaded = load();
    ControllerConfig config = loaded.config();
    Starting.requireServer(config.common());
    var _ = Starting.log(config.common().log(), loaded.warnings(), ControllerCommand.class);
    ControllerServer server = Starting.begin(() -> open(config), config.common());
    Starting.serve(
        server,
        new Reloading<>(config, ReloadParts.controller(), () -> load().config(), server::reload),
        () -> terminal.say("ready " + server.address()));
    return ExitCode.OK;
  }

  private Loaded<ControllerConfig> load() {
    Map<String, Optional<String>> more = new LinkedHashMap<>();
    more.put("redis.address", redis);
    more.put("database_url", databaseUrl);
    more.put("region", region);
    frontDoor.ifPresent(address ->
        FrontDoorSection.flags(address).forEach((key, value) -> more.put(key, Optional.of(value))));
    return options.load(terminal, ControllerFile::read, more);
  }

  private ControllerServer open(ControllerConfig config) {
    return new ControllerServer(
        config, terminal.time(), new SecureRandom(), new Version().number());
  }
}
