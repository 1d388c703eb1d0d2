package io.spillway.app.controller;

import io.spillway.app.command.ConfigOptions;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OsSignal;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.Version;
import io.spillway.app.config.ControllerConfig;
import io.spillway.app.config.ControllerFile;
import io.spillway.app.config.FrontDoorSection;
import io.spillway.app.config.LogSetup;
import io.spillway.app.reload.ReloadParts;
import io.spillway.app.reload.Reloading;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
      "  redis: {address: 'redis:6379'}   # all controllers and nodes use the same",
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
      "More: region, on_node_loss (continue or end), webhook, dashboard, alerts: docs/configuration.md"
    })
public final class ControllerCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the HTTP API, 0 for a free one (default: 7990).")
  private Optional<String> port = Optional.empty();

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: 127.0.0.1; 0.0.0.0 for all).")
  private Optional<String> bind = Optional.empty();

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
    ControllerFile.Loaded loaded = load();
    ControllerConfig config = loaded.config();
    StartFailure.requireServer(config.common());
    LogSetup.apply(config.common().log());
    Logger log = LoggerFactory.getLogger(ControllerCommand.class); // not before the set-up above
    loaded.warnings().forEach(warning -> log.atWarn().log(warning));
    ControllerServer server = open(config);
    Thread hook = Thread.ofPlatform().name("shutdown").unstarted(server::close);
    Runtime.getRuntime().addShutdownHook(hook);
    OsSignal.handle(
        "HUP",
        new Reloading<>(config, ReloadParts.controller(), () -> load().config(), server::reload));
    terminal.say("ready " + server.address());
    new CountDownLatch(1).await(); // the hook runs while this thread waits
    return ExitCode.OK;
  }

  private ControllerFile.Loaded load() {
    Map<String, String> flags = options.flags();
    port.ifPresent(value -> flags.put("port", value));
    bind.ifPresent(value -> flags.put("bind", value));
    redis.ifPresent(value -> flags.put("redis.address", value));
    frontDoor.ifPresent(value -> flags.putAll(FrontDoorSection.flags(value)));
    databaseUrl.ifPresent(value -> flags.put("database_url", value));
    region.ifPresent(value -> flags.put("region", value));
    ConfigOptions.Source source = options.source(terminal);
    return ControllerFile.read(source.name(), source.text(), terminal.environment(), flags);
  }

  private ControllerServer open(ControllerConfig config) throws InterruptedException {
    try {
      ControllerServer server =
          new ControllerServer(config, terminal.time(), new SecureRandom(), new Version().number());
      try {
        server.start();
        return server;
      } catch (RuntimeException failed) {
        server.close();
        throw failed;
      }
    } catch (RuntimeException failed) {
      throw StartFailure.told(failed, config.common());
    }
  }
}
