package io.spillway.bench.stage;

import io.spillway.app.client.EgressClient;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Controllers and nodes, each a process of its own, beside a livekit-server with one sound that is
 * published all the time. The stage that opened it closes it.
 */
public final class Fleet {
  /** The room's name. */
  public static final String ROOM = Stage.ROOM;

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration TOKEN_VALID = Duration.ofHours(24);

  private final Grounds grounds;
  private final Path recordings;
  private final String track;
  private final List<Controller> controllers;
  private final List<Node> nodes;

  private Fleet(
      Grounds grounds,
      Path recordings,
      String track,
      List<Controller> controllers,
      List<Node> nodes) {
    this.grounds = grounds;
    this.recordings = recordings;
    this.track = track;
    this.controllers = List.copyOf(controllers);
    this.nodes = List.copyOf(nodes);
  }

  /**
   * What to bring up.
   *
   * @param program how our own processes are started
   * @param database PostgreSQL that two controllers share; empty: one controller with a file of its
   *     own
   */
  public record Plan(Program program, int nodes, String database) {}

  /** A way from one node to Redis that the measurement stands in. */
  @FunctionalInterface
  public interface Door {
    /** The address, {@code host:port}, at which node {@code number} finds this Redis. */
    String to(String redis, int number) throws IOException;
  }

  /** What all processes have in common. */
  record Grounds(
      Terminal terminal,
      Stage stage,
      Path folder,
      ApiKey key,
      Program program,
      Server server,
      Child publisher,
      Child redisProcess,
      String redis) {
    Map<String, String> environment() {
      return Map.of(
          "LIVEKIT_URL", server.url(),
          "LIVEKIT_API_KEY", key.key(),
          "LIVEKIT_API_SECRET", key.secret());
    }
  }

  static Fleet open(Grounds grounds, Plan plan, Door door, RandomGenerator random)
      throws IOException, InterruptedException {
    String track = grounds.publisher().lineAfter("published ", START);
    Path recordings = Files.createDirectories(grounds.folder().resolve("recordings"));
    List<Controller> controllers = new ArrayList<>();
    String secrets = seal(random);
    for (int i = 0; i < (plan.database().isEmpty() ? 1 : 2); i++) {
      controllers.add(controller(grounds, plan, secrets, i));
    }
    String urls =
        controllers.stream()
            .map(each -> each.address().toString())
            .collect(Collectors.joining(","));
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < plan.nodes(); i++) {
      nodes.add(new Node(grounds, i, door.to(grounds.redis(), i), urls));
    }
    for (Node node : nodes) {
      node.awaitReady();
    }
    return new Fleet(grounds, recordings, track, controllers, nodes);
  }

  private static String seal(RandomGenerator random) {
    byte[] key = new byte[32];
    random.nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  private static Controller controller(Grounds grounds, Plan plan, String secrets, int number)
      throws IOException, InterruptedException {
    Path config = grounds.folder().resolve("controller-" + number + ".yaml");
    String database =
        plan.database().isEmpty()
            ? ""
            : "database_url: '%s'\nsecrets_key: %s\n".formatted(plan.database(), secrets);
    Files.writeString(config, "redis: {address: '%s'}\n%s".formatted(grounds.redis(), database));
    List<String> arguments = new ArrayList<>(List.of("controller", "--port", "0"));
    arguments.addAll(List.of("--config", config.toString()));
    arguments.addAll(
        List.of("--data", grounds.folder().resolve("controller-data-" + number).toString()));
    Child process =
        grounds
            .stage()
            .open(
                Child.start(
                    "controller-" + number,
                    grounds.folder(),
                    grounds.environment(),
                    grounds.program().command(arguments)));
    URI address = URI.create(process.lineAfter("ready ", START));
    TokenSigner signer = new TokenSigner(grounds.key(), grounds.terminal().time());
    EgressClient client =
        grounds
            .stage()
            .open(
                new EgressClient(URI.create(address + "/"), () -> signer.recordRooms(TOKEN_VALID)));
    return new Controller(address, client, process.pid());
  }

  /** A controller; {@code address} without a slash at its end. */
  public record Controller(URI address, EgressClient client, long pid) {}

  /** A node whose process can be stopped, killed and started again. Used by one thread. */
  public static final class Node {
    private final Grounds grounds;
    private final int number;
    private final List<String> command;
    private Child process;
    private String id = "";

    private Node(Grounds grounds, int number, String redis, String controllers) throws IOException {
      this.grounds = grounds;
      this.number = number;
      Path config = grounds.folder().resolve("node-" + number + ".yaml");
      // 1: a small machine with everything else beside it must not refuse the load.
      Files.writeString(
          config,
          "redis: {address: '%s'}\ncontroller_urls: [%s]\ncpu_cost: {max_cpu_utilization: 1}\n"
              .formatted(redis, controllers));
      this.command =
          grounds
              .program()
              .command(
                  List.of(
                      "node",
                      "--config",
                      config.toString(),
                      "--data",
                      grounds.folder().resolve("node-data-" + number).toString()));
      this.process = launch();
    }

    private Child launch() throws IOException {
      return grounds
          .stage()
          .open(Child.start("node-" + number, grounds.folder(), grounds.environment(), command));
    }

    /** Waits until it says that it is ready. */
    public void awaitReady() throws InterruptedException {
      id = process.lineAfter("ready ", START);
    }

    /** Its id: another one after each start. */
    public String id() {
      return id;
    }

    /** Which of them, from 0. */
    public int number() {
      return number;
    }

    /** Of its present process. */
    public long pid() {
      return process.pid();
    }

    /** SIGSTOP: it is there and does nothing. */
    public void freeze() throws InterruptedException {
      process.signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() throws InterruptedException {
      process.signal("CONT");
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
      process.kill();
    }

    /** Starts it again on what it had; {@link #awaitReady} tells its new id. */
    public void startAgain() {
      try {
        process = launch();
      } catch (IOException failed) {
        throw new OutcomeException("node-" + number + " could not be started again", failed);
      }
    }

    /** The last lines of its log. */
    public String logTail() {
      return process.logTail();
    }
  }

  /** The controllers. */
  public List<Controller> controllers() {
    return controllers;
  }

  /** The nodes. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Where recordings may be put: a folder that all nodes share. */
  public Path recordings() {
    return recordings;
  }

  /** The track that is published all the time. */
  public String track() {
    return track;
  }

  /** Redis itself, {@code host:port}, past all doors. */
  public String redis() {
    return grounds.redis();
  }

  /** The key that opens the API and the dashboard. */
  public ApiKey key() {
    return grounds.key();
  }

  /** The processes that run now, this one included. */
  public List<Long> pids() {
    List<Long> all = new ArrayList<>();
    all.add(ProcessHandle.current().pid());
    all.add(grounds.server().pid());
    all.add(grounds.publisher().pid());
    all.add(grounds.redisProcess().pid());
    controllers.forEach(each -> all.add(each.pid()));
    nodes.forEach(each -> all.add(each.pid()));
    return all;
  }
}
