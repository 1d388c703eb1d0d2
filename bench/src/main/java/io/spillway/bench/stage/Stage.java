package io.spillway.bench.stage;

import io.spillway.app.client.EgressClient;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.bench.meter.Meter;
import io.spillway.bench.meter.NodeCounters;
import io.spillway.bench.meter.StoredStatus;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Everything a measurement needs, up and running: a livekit-server, a room with one sound and one
 * 720p picture track, and the node under test; each a process of its own, so that its costs are its
 * own. Closing ends the processes and deletes the files.
 */
public final class Stage implements AutoCloseable {
  /** The room's name. */
  public static final String ROOM = "bench";

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration TOKEN_VALID = Duration.ofHours(24);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Terminal terminal;
  private final Path home;
  private final Path folder;
  private final ApiKey key;

  private Stage(Terminal terminal, Path home, Path folder, ApiKey key) {
    this.terminal = terminal;
    this.home = home;
    this.folder = folder;
    this.key = key;
  }

  /** The parts that a measurement uses; they live as long as the stage. */
  public record Parts(
      EgressClient client,
      StoredStatus stored,
      Meter meter,
      URI node,
      Path recordings,
      String soundTrack,
      String pictureTrack) {}

  /**
   * An empty stage in a folder of its own below the system's temporary one.
   *
   * @param home where the start script lies
   */
  public static Stage in(Terminal terminal, Path home, RandomGenerator random) throws IOException {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    ApiKey key = new ApiKey("benchkey", HexFormat.of().formatHex(secret));
    return new Stage(terminal, home, Files.createTempDirectory("spillway-bench-"), key);
  }

  /** The server's program. */
  public static Path serverProgram(Terminal terminal) {
    return Server.program(terminal);
  }

  /** Brings everything up. */
  public Parts open() throws IOException, InterruptedException {
    Path script = home.resolve("spillway");
    if (!Files.isExecutable(script)) {
      throw new OutcomeException("no start script in " + home + ": run './spillway bench'");
    }
    terminal.say("making picture and sound ...");
    Clips clips = Clips.make(folder);
    Server server = open(Server.start(Server.program(terminal), key, folder));
    server.awaitAnswer(terminal);
    Map<String, String> environment =
        Map.of(
            "LIVEKIT_URL", server.url(),
            "LIVEKIT_API_KEY", key.key(),
            "LIVEKIT_API_SECRET", key.secret());
    Child publisher = open(publisher(script, environment, clips));
    String soundTrack = publisher.lineAfter("published ", START);
    String pictureTrack = publisher.lineAfter("published ", START);
    Path data = folder.resolve("data");
    Child node = open(node(script, environment, data));
    URI address = URI.create(node.lineAfter("ready ", START));
    TokenSigner signer = new TokenSigner(key, terminal.time());
    EgressClient client =
        open(new EgressClient(URI.create(address + "/"), () -> signer.recordRooms(TOKEN_VALID)));
    StoredStatus stored = open(new StoredStatus(data.resolve("spillway.db")));
    List<Long> companions = List.of(server.pid(), publisher.pid(), ProcessHandle.current().pid());
    Meter meter = new Meter(Path.of("/proc"), terminal.time(), node.pid(), companions);
    Path recordings = Files.createDirectories(folder.resolve("recordings"));
    return new Parts(client, stored, meter, address, recordings, soundTrack, pictureTrack);
  }

  /** What a measurement through livekit-server uses; it lives as long as the stage. */
  public record UnderLiveKit(
      EgressClient client, RedisStatus stored, Path recordings, String soundTrack) {}

  /**
   * Brings up Redis, a livekit-server on it, the room and so many nodes in the place of
   * livekit/egress.
   */
  public UnderLiveKit openUnderLiveKit(int nodes) throws IOException, InterruptedException {
    Path script = home.resolve("spillway");
    if (!Files.isExecutable(script)) {
      throw new OutcomeException("no start script in " + home + ": run './spillway bench'");
    }
    terminal.say("making picture and sound ...");
    Clips clips = Clips.make(folder);
    int redisPort = Server.freePorts(1).getFirst();
    Child _ = open(redis(redisPort));
    String redis = "127.0.0.1:" + redisPort;
    RedisStatus stored = open(RedisStatus.of(redis, terminal));
    Server server =
        open(
            Server.start(
                Server.program(terminal),
                key,
                folder,
                "redis: {address: '%s'}\n".formatted(redis)));
    server.awaitAnswer(terminal);
    Map<String, String> environment =
        Map.of(
            "LIVEKIT_URL", server.url(),
            "LIVEKIT_API_KEY", key.key(),
            "LIVEKIT_API_SECRET", key.secret());
    Child publisher = open(publisher(script, environment, clips));
    String soundTrack = publisher.lineAfter("published ", START);
    for (int i = 0; i < nodes; i++) {
      Child node = open(node(script, environment, redis, i));
      String _ = node.lineAfter("ready ", START);
    }
    TokenSigner signer = new TokenSigner(key, terminal.time());
    EgressClient client =
        open(
            new EgressClient(
                URI.create(server.httpUrl() + "/"), () -> signer.recordRooms(TOKEN_VALID)));
    Path recordings = Files.createDirectories(folder.resolve("recordings"));
    return new UnderLiveKit(client, stored, recordings, soundTrack);
  }

  /**
   * Brings up Redis, a livekit-server, a room with one sound, controllers and nodes that they
   * manage; node n finds Redis behind {@code door}.
   */
  public Fleet openFleet(Fleet.Plan plan, Fleet.Door door, RandomGenerator random)
      throws IOException, InterruptedException {
    Path sound = Clips.makeSound(folder);
    int redisPort = Server.freePorts(1).getFirst();
    Child redis = open(redis(redisPort));
    Server server = open(Server.start(Server.program(terminal), key, folder));
    server.awaitAnswer(terminal);
    Map<String, String> environment =
        Map.of(
            "LIVEKIT_URL", server.url(),
            "LIVEKIT_API_KEY", key.key(),
            "LIVEKIT_API_SECRET", key.secret());
    List<String> publish = List.of("publish", "--room", ROOM, sound.toString());
    Child publisher =
        open(Child.start("publisher", folder, environment, plan.program().command(publish)));
    return Fleet.open(
        new Fleet.Grounds(
            terminal,
            this,
            folder,
            key,
            plan.program(),
            server,
            publisher,
            redis,
            "127.0.0.1:" + redisPort),
        plan,
        door,
        random);
  }

  private Child redis(int port) throws IOException {
    List<String> command =
        List.of(
            "redis-server",
            "--port",
            Integer.toString(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder.toString(),
            "--save",
            "");
    try {
      return Child.start("redis", folder, Map.of(), command);
    } catch (IOException missing) {
      throw new OutcomeException("redis-server is not on PATH", missing);
    }
  }

  private Child node(Path script, Map<String, String> environment, String redis, int number)
      throws IOException {
    Path config = folder.resolve("egress.yaml");
    Files.writeString(config, "cpu_cost:\n  max_cpu_utilization: 1.0\n");
    List<String> command = new ArrayList<>(List.of(script.toString(), "node"));
    command.addAll(List.of("--config", config.toString(), "--redis", redis));
    command.addAll(List.of("--data", folder.resolve("node-data-" + number).toString()));
    return Child.start("node-" + number, folder, environment, command);
  }

  private Child publisher(Path script, Map<String, String> environment, Clips clips)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(script.toString(), "publish", "--room", ROOM));
    command.addAll(List.of(clips.sound().toString(), clips.picture().toString()));
    return Child.start("publisher", folder, environment, command);
  }

  private Child node(Path script, Map<String, String> environment, Path data) throws IOException {
    Path config = folder.resolve("node.yaml");
    // 1.0: a small machine with the server and the publisher beside it must not refuse the load.
    Files.writeString(config, "cpu_cost:\n  max_cpu_utilization: 1.0\n");
    List<String> command = new ArrayList<>(List.of(script.toString(), "up"));
    command.addAll(List.of("--config", config.toString(), "--port", "0"));
    command.addAll(List.of("--data", data.toString()));
    return Child.start("node", folder, environment, command);
  }

  /** What the node counts, by its /metrics. */
  public static NodeCounters counters(URI node) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(node.resolve("/metrics")).timeout(START).build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return NodeCounters.parse(answer.body());
    }
  }

  /** Takes a part in, to be closed with the stage. */
  public <T extends AutoCloseable> T open(T part) {
    synchronized (opened) {
      opened.push(part);
    }
    return part;
  }

  /** By the main thread at its end or by the shutdown hook: whichever comes first closes all. */
  @Override
  public void close() {
    synchronized (opened) {
      while (!opened.isEmpty()) {
        AutoCloseable last = opened.pop();
        try {
          last.close();
        } catch (Exception failed) {
          terminal.warn("could not close " + last.getClass().getSimpleName() + ": " + failed);
        }
      }
      delete(folder);
    }
  }

  /** Deletes a folder with all that is in it, if it is there. */
  public static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException left) {
      // It lies in the system's temporary folder, which is cleaned from time to time.
    }
  }
}
