package io.spillway.media.ffmpeg;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * What ffprobe finds in a media file.
 *
 * @param format FFmpeg's name of the container
 * @param startSeconds the first timestamp, 0 if not told
 * @param durationSeconds as the container tells it, 0 if it doesn't
 * @param bytes the file's size
 */
public record MediaProbe(
    String format,
    double startSeconds,
    double durationSeconds,
    long bytes,
    List<MediaStream> streams) {
  private static final Duration PROBE_LIMIT = Duration.ofMinutes(1);
  private static final Duration DECODE_LIMIT = Duration.ofMinutes(10);

  /**
   * One track of the file.
   *
   * @param kind {@code audio} or {@code video}
   * @param codec FFmpeg's name of the codec
   * @param tag the container's name of it, for example {@code hvc1}
   * @param width 0 for sound
   * @param height 0 for sound
   * @param channels 0 for pictures
   * @param frames packets in the file, all of them counted
   */
  public record MediaStream(
      String kind, String codec, String tag, int width, int height, int channels, long frames) {}

  public MediaProbe {
    streams = List.copyOf(streams);
  }

  /** The first track. */
  public MediaStream stream() {
    return streams.getFirst();
  }

  /** Reads a file through, without decoding it. */
  public static MediaProbe of(FfmpegPrograms programs, Path file) throws IOException {
    List<String> arguments =
        List.of(
            "-v",
            "error",
            "-print_format",
            "json",
            "-show_format",
            "-show_streams",
            "-count_packets",
            file.toString());
    ProgramRun run = programs.probe(arguments, PROBE_LIMIT);
    if (run.exitCode() != 0) {
      throw new IOException("ffprobe can't read " + file + ": " + run.errors().strip());
    }
    try {
      return parse(new ObjectMapper().readTree(run.output()));
    } catch (JacksonException e) {
      throw new IOException("ffprobe's answer for " + file + " is no JSON", e);
    }
  }

  private static MediaProbe parse(JsonNode root) {
    JsonNode format = root.path("format");
    List<MediaStream> streams =
        StreamSupport.stream(root.path("streams").spliterator(), false)
            .map(MediaProbe::stream)
            .toList();
    return new MediaProbe(
        format.path("format_name").asString(""),
        format.path("start_time").asDouble(0),
        format.path("duration").asDouble(0),
        format.path("size").asLong(0),
        streams);
  }

  private static MediaStream stream(JsonNode node) {
    return new MediaStream(
        node.path("codec_type").asString(""),
        node.path("codec_name").asString(""),
        node.path("codec_tag_string").asString(""),
        node.path("width").asInt(0),
        node.path("height").asInt(0),
        node.path("channels").asInt(0),
        node.path("nb_read_packets").asLong(0));
  }

  /** Decodes a whole file and tells every line of complaint; empty for a perfect file. */
  public static List<String> decodeErrors(FfmpegPrograms programs, Path file) throws IOException {
    // Timestamps as they are: by default FFmpeg rounds them to a frame rate it guesses, and
    // complains
    // about frames of a browser that came closer together than that.
    List<String> asTheyAre = List.of("-fps_mode", "passthrough", "-enc_time_base", "demux");
    List<String> arguments = new ArrayList<>(List.of("-v", "error", "-i", file.toString()));
    arguments.addAll(asTheyAre);
    arguments.addAll(List.of("-f", "null", "-"));
    ProgramRun run = programs.run(arguments, DECODE_LIMIT);
    List<String> lines = run.errors().lines().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() && run.exitCode() != 0
        ? List.of("ffmpeg ended with exit code " + run.exitCode())
        : lines;
  }
}
