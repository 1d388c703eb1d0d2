package io.spillway.app.demo;

import io.spillway.core.media.Codec;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.media.ffmpeg.MediaProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether a recorded file is right: FFmpeg reads it, decodes every frame without a complaint, and
 * it is as long as was asked.
 *
 * @param wrong what is wrong with it; empty when nothing is
 */
record Check(String codec, Duration length, long bytes, Optional<String> wrong) {
  /** A recording may differ this much from what was asked. */
  private static final Duration TOLERANCE = Duration.ofMillis(200);

  static Check of(FfmpegPrograms programs, Path file, Codec expected, Duration asked) {
    try {
      MediaProbe probe = MediaProbe.of(programs, file);
      Duration length = Duration.ofMillis(Math.round(probe.durationSeconds() * 1000));
      List<String> complaints = MediaProbe.decodeErrors(programs, file);
      return new Check(
          description(probe),
          length,
          probe.bytes(),
          wrong(probe, complaints, expected, length, asked));
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
