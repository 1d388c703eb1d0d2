package io.spillway.app.demo;

import io.spillway.app.client.EgressClient;
import io.spillway.app.clip.Clip;
import io.spillway.app.clip.RoomPublisher;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.app.command.Version;
import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.LogSetup;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.process.Opened;
import io.spillway.app.up.Up;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.RtcSettings;
import io.spillway.store.StoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway demo}: the main job on this machine, from nothing to files that play. */
@Command(
    name = "demo",
    description = {
      "Show it all: a LiveKit server, a room with picture and sound, and Spillway recording both.",
      "Exit code 0 only if the files are right."
    },
    footer = {
      "",
      "Examples:",
      "  spillway demo",
      "  spillway demo --seconds 30 --out /tmp/recordings",
      "  spillway demo --keep      # leave it running, to try the API against it"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final String ROOM = "demo";
  private static final Duration JOIN_WAIT = Duration.ofSeconds(20);
  private static final Duration END_WAIT = Duration.ofSeconds(10);
  private static final Duration TOKEN_VALID = Duration.ofHours(24);
  private static final int PORT = 7990;

  private final Terminal terminal;
  private final Opened opened = new Opened();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long to record (default: ${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "spillway-demo",
      description = "Where the recordings go (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("spillway-demo");

  @Option(names = "--keep", description = "Leave it running until Ctrl-C.")
  private boolean keep;

  /** For this terminal. */
  public DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (seconds < 1 || seconds > 3600) {
      throw new UsageException("--seconds: expected 1 to 3600, found " + seconds);
    }
    Path folder = out.toAbsolutePath().normalize();
    Path own = own(folder);
    LogSetup.apply(new SpillwayConfig.Log("warn", false));
    Thread hook = Thread.ofPlatform().name("shutdown").unstarted(opened::close);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return run(folder, own);
    } catch (IOException | IllegalStateException | StoreException failed) {
      throw new OutcomeException(String.valueOf(failed.getMessage()), failed);
    } finally {
      opened.close();
    }
  }

  /** A folder for server files, data and clips, below the one that the recordings go to. */
  private static Path own(Path folder) {
    Path own = folder.resolve(".demo");
    try {
      Files.createDirectories(own);
    } catch (IOException failure) {
      throw new UsageException("--out: can't write to " + folder + ": " + story(failure), failure);
    }
    if (!Files.isWritable(own)) {
      throw new UsageException("--out: can't write to " + folder + ": no permission for " + own);
    }
    return own;
  }

  // A file system's exceptions often say only which path: their kind says what is wrong with it.
  private static String story(IOException failure) {
    return switch (failure) {
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      case FileAlreadyExistsException file -> file.getFile() + " is a file, not a folder";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private int run(Path folder, Path own) throws IOException, InterruptedException {
    terminal.say("making picture and sound ...");
    FfmpegPrograms programs = FfmpegPrograms.unpack(own);
    DemoMedia media = DemoMedia.make(programs, own);
    List<Clip> clips = List.of(media.sound(), media.picture());

    SecureRandom random = new SecureRandom();
    ApiKey key = newKey(random);
    LocalLiveKit livekit = opened.open(LocalLiveKit.start(terminal, key, own, ""));
    terminal.say("livekit-server at " + livekit.url());
    RtcEngine engine = opened.open(new RtcEngine(RtcSettings.defaults(), terminal.time(), random));
    TokenSigner signer = new TokenSigner(key, terminal.time());
    RoomPublisher publisher =
        opened.open(
            RoomPublisher.publish(
                engine,
                livekit.url(),
                () -> signer.participant("speaker", ROOM, TOKEN_VALID),
                clips,
                terminal.time(),
                JOIN_WAIT));
    terminal.say("room '" + ROOM + "' has a speaker with tracks " + publisher.trackSids());
    Up up =
        opened.open(
            new Up(config(livekit, key, own), terminal.time(), random, version(), END_WAIT));
    up.start();
    terminal.say("spillway up at " + up.address());
    EgressClient client =
        opened.open(
            new EgressClient(
                URI.create(up.address() + "/"), () -> signer.recordRooms(TOKEN_VALID)));
    boolean right =
        new Demo(terminal, client, programs, folder)
            .record(ROOM, publisher, clips, Duration.ofSeconds(seconds));
    terminal.say(
        "dashboard and API: "
            + up.address()
            + (keep ? "" : " (ended with the demo; --keep leaves them running)"));
    if (keep) {
      stay(up, livekit, key, publisher);
    }
    return right ? ExitCode.OK : ExitCode.FAILED;
  }

  private void stay(Up up, LocalLiveKit livekit, ApiKey key, RoomPublisher publisher)
      throws InterruptedException {
    terminal.say("");
    terminal.say("It goes on until Ctrl-C. In another terminal:");
    terminal.say("  export LIVEKIT_URL=" + livekit.url() + " SPILLWAY_URL=" + up.address());
    terminal.say("  export LIVEKIT_API_KEY=" + key.key() + " LIVEKIT_API_SECRET=" + key.secret());
    terminal.say(
        "  "
            + terminal.program()
            + " start track --room demo "
            + publisher.trackSids().getFirst()
            + " --watch");
    new CountDownLatch(1).await();
  }

  private SpillwayConfig config(LocalLiveKit livekit, ApiKey key, Path own) {
    Map<String, String> flags =
        Map.of(
            "ws_url", livekit.url(),
            "api_key", key.key(),
            "api_secret", key.secret(),
            "port", Integer.toString(isFree(PORT) ? PORT : 0),
            // A demo on a busy laptop must not be refused for the laptop's load.
            "cpu_cost.max_cpu_utilization", "1",
            "data", own.resolve("data").toString());
    return ConfigFile.read("demo", "", Map.of(), flags).config();
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  // A key of this run only: whoever finds the demo's port can't guess it.
  private static ApiKey newKey(SecureRandom random) {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    return new ApiKey("demokey", HexFormat.of().formatHex(secret));
  }

  private static String version() {
    return new Version().number();
  }
}
