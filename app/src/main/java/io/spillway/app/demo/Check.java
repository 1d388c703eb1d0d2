package io.spillway.app.demo;

import io.spillway.core.media.Codec;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.media.ffmpeg.MediaProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a recorded file is right: FFmpeg reads it, decodes every frame without a complaint, it is
 * as long as was asked, its picture moves all the time, its sound is never silent for long.
 *
 * @param wrong what is wrong with it; empty when nothing is
 */
record Check(String codec, Duration length, long bytes, Optional<String> wrong) {
  /** A recording may differ this much from what was asked. */
  private static final Duration TOLERANCE = Duration.ofMillis(200);

  /** {@link DemoMedia}'s picture never stands; its voice pauses for half a second at most. */
  private static final String STANDS = "freezedetect=n=-60dB:d=0.8";

  private static final String SILENT = "silencedetect=n=-50dB:d=0.8";
  private static final Pattern FOUND =
      Pattern.compile("(?:freeze|silence)_start: *(-?[0-9]+(?:\\.[0-9])?)");
  private static final Duration DECODE_LIMIT = Duration.ofMinutes(10);

  static Check of(FfmpegPrograms programs, Path file, Codec expected, Duration asked) {
    try {
      MediaProbe probe = MediaProbe.of(programs, file);
      Duration length = Duration.ofMillis(Math.round(probe.durationSeconds() * 1000));
      List<String> complaints = MediaProbe.decodeErrors(programs, file);
      String log = contentLog(programs, file, expected);
      return new Check(
          description(probe),
          length,
          probe.bytes(),
          wrong(probe, complaints, expected, length, asked).or(() -> standstill(log, expected)));
    } catch (IOException unreadable) {
      return new Check("?", Duration.ZERO, 0, Optional.of(String.valueOf(unreadable.getMessage())));
    }
  }

  private static String description(MediaProbe probe) {
    MediaProbe.MediaStream stream = probe.stream();
    return stream.width() > 0
        ? stream.codec() + " " + stream.width() + "x" + stream.height()
        : stream.codec();
  }

  /** What FFmpeg says of the file's content while it decodes it. */
  private static String contentLog(FfmpegPrograms programs, Path file, Codec codec)
      throws IOException {
    boolean pictures = codec.kind() == Codec.Kind.VIDEO;
    List<String> arguments =
        List.of(
            "-nostats",
            "-i",
            file.toString(),
            pictures ? "-vf" : "-af",
            pictures ? STANDS : SILENT,
            "-f",
            "null",
            "-");
    return programs.run(arguments, DECODE_LIMIT).errors();
  }

  static Optional<String> standstill(String log, Codec codec) {
    Matcher found = FOUND.matcher(log);
    if (!found.find()) {
      return Optional.empty();
    }
    String what =
        codec.kind() == Codec.Kind.VIDEO ? "its picture stands still" : "its sound is silent";
    return Optional.of(what + " from second " + found.group(1) + " on");
  }

  static Optional<String> wrong(
      MediaProbe probe, List<String> complaints, Codec expected, Duration length, Duration asked) {
    if (!complaints.isEmpty()) {
      return Optional.of(complaints.size() + " decode errors: " + complaints.getFirst());
    }
    if (probe.streams().size() != 1 || !probe.stream().codec().equalsIgnoreCase(expected.name())) {
      return Optional.of("expected one " + expected + " track");
    }
    if (length.minus(asked).abs().compareTo(TOLERANCE) > 0) {
      return Optional.of(
          "asked for %d ms, it has %d ms".formatted(asked.toMillis(), length.toMillis()));
    }
    return Optional.empty();
  }
}
