package io.spillway.bench.stage;

import io.spillway.app.client.EgressClient;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.demo.LocalLiveKit;
import io.spillway.app.process.Opened;
import io.spillway.bench.meter.Meter;
import io.spillway.bench.meter.NodeCounters;
import io.spillway.bench.meter.StoredStatus;
import io.spillway.core.token.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
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

  private final Opened opened = new Opened();
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
    return LocalLiveKit.program(terminal);
  }

  /** What is done on a stage. */
  @FunctionalInterface
  public interface Measuring<R> {
    R on(Stage stage) throws IOException, InterruptedException;
  }

  /**
   * Measures on an empty stage; any end of this process ends what it started.
   *
   * @throws OutcomeException when something could not be brought up
   */
  public static <R> R with(
      Terminal terminal, Path home, RandomGenerator random, Measuring<R> measuring)
      throws InterruptedException {
    try (Stage stage = in(terminal, home, random)) {
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(stage::close));
      return measuring.on(stage);
    } catch (IOException failed) {
      throw new OutcomeException(String.valueOf(failed.getMessage()), failed);
    }
  }

  private Clips clips() throws IOException {
    terminal.say("making picture and sound ...");
    return Clips.make(folder);
  }

  /** With a livekit-server that answers; {@code yaml} is more configuration of it. */
  private Grounds grounds(Program program, String yaml) throws IOException, InterruptedException {
    LocalLiveKit server = open(LocalLiveKit.start(terminal, key, folder, yaml));
    return new Grounds(terminal, opened, folder, key, program, server);
  }

  /** Brings everything up. */
  public Parts open() throws IOException, InterruptedException {
    Program program = Program.script(home);
    Clips clips = clips();
    Grounds grounds = grounds(program, "");
    Child publisher = grounds.publisher(clips.sound(), clips.picture());
    String soundTrack = publisher.lineAfter("published ", START);
    String pictureTrack = publisher.lineAfter("published ", START);
    Child node = grounds.start("node", List.of("up"), Grounds.ANY_LOAD, List.of("--port", "0"));
    String address = node.lineAfter("ready ", START);
    StoredStatus stored = open(new StoredStatus(grounds.data("node").resolve("spillway.db")));
    List<Long> companions =
        List.of(grounds.server().pid(), publisher.pid(), ProcessHandle.current().pid());
    Meter meter = new Meter(Path.of("/proc"), terminal.time(), node.pid(), companions);
    return new Parts(
        grounds.client(address),
        stored,
        meter,
        URI.create(address),
        grounds.recordings(),
        soundTrack,
        pictureTrack);
  }

  /** What a measurement through livekit-server uses; it lives as long as the stage. */
  public record UnderLiveKit(
      EgressClient client, RedisStatus stored, Path recordings, String soundTrack) {}

  /**
   * Brings up Redis, a livekit-server on it, the room and so many nodes in the place of
   * livekit/egress.
   */
  public UnderLiveKit openUnderLiveKit(int nodes) throws IOException, InterruptedException {
    Program program = Program.script(home);
    Clips clips = clips();
    String redis = open(RedisProcess.start(terminal, folder)).address();
    String section = "redis: {address: '%s'}\n".formatted(redis);
    RedisStatus stored = open(RedisStatus.at(redis));
    Grounds grounds = grounds(program, section);
    Child publisher = grounds.publisher(clips.sound(), clips.picture());
    String soundTrack = publisher.lineAfter("published ", START);
    for (int i = 0; i < nodes; i++) {
      Child node =
          grounds.start("node-" + i, List.of("node"), section + Grounds.ANY_LOAD, List.of());
      String _ = node.lineAfter("ready ", START);
    }
    return new UnderLiveKit(
        grounds.client(grounds.server().httpUrl()), stored, grounds.recordings(), soundTrack);
  }

  /**
   * Brings up Redis, a livekit-server, a room with one sound, controllers and nodes that they
   * manage; node n finds Redis behind {@code door}.
   */
  public Fleet openFleet(Fleet.Plan plan, Fleet.Door door, RandomGenerator random)
      throws IOException, InterruptedException {
    Path sound = Clips.makeSound(folder);
    RedisProcess redis = open(RedisProcess.start(terminal, folder));
    Grounds grounds = grounds(plan.program(), "");
    return Fleet.open(grounds, redis, grounds.publisher(sound), plan, door, random);
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
    return opened.open(part);
  }

  /** By the main thread at its end or by the shutdown hook: whichever comes first closes all. */
  @Override
  public void close() {
    opened.close();
    delete(folder);
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
