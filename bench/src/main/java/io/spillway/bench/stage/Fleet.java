package io.spillway.bench.stage;

import io.spillway.app.client.EgressClient;
import io.spillway.app.command.OutcomeException;
import io.spillway.core.token.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
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

  private final Grounds grounds;
  private final RedisProcess redis;
  private final Child publisher;
  private final Path recordings;
  private final String track;
  private final List<Controller> controllers = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  private Fleet(Grounds grounds, RedisProcess redis, Child publisher)
      throws IOException, InterruptedException {
    this.grounds = grounds;
    this.redis = redis;
    this.publisher = publisher;
    this.track = publisher.lineAfter("published ", START);
    this.recordings = grounds.recordings();
  }

  /**
   * What to bring up.
   *
   * @param program how our own processes are started
   * @param nodeCommand the words that start a node
   * @param database PostgreSQL that two controllers share; empty: one controller with a file of its
   *     own
   */
  public record Plan(Program program, List<String> nodeCommand, int nodes, String database) {
    /** Copies the list. */
    public Plan {
      nodeCommand = List.copyOf(nodeCommand);
    }
  }

  /** A way from one node to Redis that the measurement stands in. */
  @FunctionalInterface
  public interface Door {
    /** The address, {@code host:port}, at which node {@code number} finds this Redis. */
    String to(String redis, int number) throws IOException;
  }

  static Fleet open(
      Grounds grounds,
      RedisProcess redis,
      Child publisher,
      Plan plan,
      Door door,
      RandomGenerator random)
      throws IOException, InterruptedException {
    Fleet fleet = new Fleet(grounds, redis, publisher);
    fleet.openControllers(plan.database(), seal(random));
    String urls =
        fleet.controllers.stream()
            .map(each -> each.address().toString())
            .collect(Collectors.joining(","));
    for (int i = 0; i < plan.nodes(); i++) {
      fleet.nodes.add(new Node(grounds, plan.nodeCommand(), i, door.to(redis.address(), i), urls));
    }
    for (Node node : fleet.nodes) {
      node.awaitReady();
    }
    return fleet;
  }

  private static String seal(RandomGenerator random) {
    byte[] key = new byte[32];
    random.nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  private void openControllers(String database, String secrets)
      throws IOException, InterruptedException {
    String yaml = "redis: {address: '%s'}\n".formatted(redis.address());
    if (!database.isEmpty()) {
      yaml += "database_url: '%s'\nsecrets_key: %s\n".formatted(database, secrets);
    }
    for (int i = 0; i < (database.isEmpty() ? 1 : 2); i++) {
      Child process =
          grounds.start("controller-" + i, List.of("controller"), yaml, List.of("--port", "0"));
      String address = process.lineAfter("ready ", START);
      controllers.add(new Controller(URI.create(address), grounds.client(address), process.pid()));
    }
  }

  /** A controller; {@code address} without a slash at its end. */
  public record Controller(URI address, EgressClient client, long pid) {}

  /** A node whose process can be stopped, killed and started again. Used by one thread. */
  public static final class Node {
    private final Grounds grounds;
    private final List<String> command;
    private final int number;
    private final String yaml;
    private Child process;
    private String id = "";

    private Node(
        Grounds grounds, List<String> command, int number, String redis, String controllers)
        throws IOException {
      this.grounds = grounds;
      this.command = command;
      this.number = number;
      this.yaml =
          "redis: {address: '%s'}\ncontroller_urls: [%s]\n".formatted(redis, controllers)
              + Grounds.ANY_LOAD;
      this.process = launch();
    }

    private Child launch() throws IOException {
      return grounds.start("node-" + number, command, yaml, List.of());
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
  }

  /** The controllers. */
  public List<Controller> controllers() {
    return List.copyOf(controllers);
  }

  /** The nodes. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
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
    return redis.address();
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
    all.add(publisher.pid());
    all.add(redis.pid());
    controllers.forEach(each -> all.add(each.pid()));
    nodes.forEach(each -> all.add(each.pid()));
    return all;
  }
}
