package io.spillway.app.clip;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.ServerOptions;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.RtcSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spillway publish}: plays files into a room. */
@Command(
    name = "publish",
    description = {
      "Publish encoded files into a room, over and over: something to record.",
      "Prints 'published TR_...' per file and stays until Ctrl-C or --seconds."
    },
    footer = {
      "",
      "Examples (VP8, VP9, AV1 in IVF; H264, H265 as .h264, .h265 without B-frames; Opus in Ogg):",
      "  ffmpeg -f lavfi -i testsrc2 -t 10 -c:v libvpx picture.ivf",
      "  spillway publish --room demo picture.ivf sound.ogg",
      "  ffmpeg -f lavfi -i testsrc2=rate=30 -t 10 -c:v libx265 \\",
      "    -x265-params bframes=0:repeat-headers=1:keyint=60 picture.h265"
    })
public final class PublishCommand implements Callable<Integer> {
  private static final Duration JOIN_WAIT = Duration.ofSeconds(20);
  private static final Duration TOKEN_VALID = Duration.ofHours(24);

  private final Terminal terminal;

  @Mixin private ServerOptions options = new ServerOptions();

  @Option(names = "--room", required = true, paramLabel = "NAME", description = "The room's name.")
  private String room = "";

  @Option(
      names = "--identity",
      paramLabel = "NAME",
      defaultValue = "publisher",
      description = "The participant's identity (default: ${DEFAULT-VALUE}).")
  private String identity = "publisher";

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "0",
      description = "Leave after this long (default: stay).")
  private int seconds;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "What to play.")
  private List<Path> files = List.of();

  /** For this terminal. */
  public PublishCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    SpillwayConfig config = options.load(terminal).config();
    ApiKey key =
        config
            .signingKey()
            .orElseThrow(
                () -> new UsageException("no API key: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET"));
    if (config.livekitUrl().isEmpty()) {
      throw new UsageException("no LiveKit server: set LIVEKIT_URL (or --livekit-url)");
    }
    TokenSigner signer = new TokenSigner(key, terminal.time());
    List<Clip> clips = clips();
    try (RtcEngine engine =
            new RtcEngine(RtcSettings.defaults(), terminal.time(), new SecureRandom());
        RoomPublisher publisher =
            RoomPublisher.publish(
                engine,
                config.livekitUrl(),
                () -> signer.participant(identity, room, TOKEN_VALID),
                clips,
                terminal.time(),
                JOIN_WAIT)) {
      publisher.trackSids().forEach(sid -> terminal.say("published " + sid));
      Duration stay = seconds > 0 ? Duration.ofSeconds(seconds) : Duration.ofDays(365);
      String end = publisher.awaitEnd(stay);
      if (!end.isEmpty()) {
        throw new OutcomeException("the server ended it: " + end);
      }
      return ExitCode.OK;
    } catch (IllegalStateException refused) {
      throw new OutcomeException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private List<Clip> clips() {
    List<Clip> clips = new ArrayList<>();
    for (Path file : files) {
      try {
        clips.add(Clip.of(file));
      } catch (IOException unplayable) {
        throw new UsageException(
            unplayable.getMessage() == null ? "can't read " + file : unplayable.getMessage(),
            unplayable);
      }
    }
    return clips;
  }
}
