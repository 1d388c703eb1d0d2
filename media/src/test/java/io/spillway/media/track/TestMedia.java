package io.spillway.media.track;

import io.spillway.core.media.Codec;
import io.spillway.media.bitstream.Av1Sequence;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.media.ffmpeg.ProgramRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Real streams, made once by FFmpeg's encoders and taken apart again in the shape of our frames.
 */
final class TestMedia {
  static final int FRAMES_PER_SECOND = 25;
  private static final Path FOLDER = Path.of("target", "test-media");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private TestMedia() {}

  static FfmpegPrograms programs() throws IOException {
    return FfmpegPrograms.unpack(Path.of("target", "ffmpeg"));
  }

  /** A moving test picture, a key frame every two seconds. */
  static List<Sample> video(Codec codec, String size, int seconds) throws IOException {
    List<String> encoder =
        switch (codec) {
          case VP8 -> List.of("-c:v", "libvpx", "-deadline", "realtime", "-auto-alt-ref", "0");
          case VP9 -> List.of("-c:v", "libvpx-vp9", "-deadline", "realtime", "-lag-in-frames", "0");
          case AV1 ->
              List.of("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "pred-struct=1:rc=2");
          case H264 ->
              List.of(
                  "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-x264-params", "aud=1");
          case H265 ->
              List.of(
                  "-c:v",
                  "libx265",
                  "-preset",
                  "ultrafast",
                  "-x265-params",
                  "bframes=0:aud=1:repeat-headers=1:log-level=none");
          default -> throw new IllegalArgumentException();
        };
    String extension =
        switch (codec) {
          case H264 -> "h264";
          case H265 -> "hevc";
          default -> "ivf";
        };
    List<String> arguments =
        new ArrayList<>(
            List.of("-f", "lavfi", "-i", "testsrc2=size=" + size + ":rate=25", "-t", "" + seconds));
    arguments.addAll(encoder);
    arguments.addAll(List.of("-g", "50", "-pix_fmt", "yuv420p", "-b:v", "300k"));
    Path file = made(codec + "-" + size + "-" + seconds + "." + extension, arguments);
    return extension.equals("ivf") ? ivf(file, codec) : annexB(file, codec);
  }

  /** A tone, in packets of {@code millis} (2.5 is written "2.5"). */
  static List<Sample> opus(int channels, String millis, int seconds) throws IOException {
    List<String> arguments =
        List.of(
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:sample_rate=48000",
            "-t",
            "" + seconds,
            "-ac",
            "" + channels,
            "-c:a",
            "libopus",
            "-b:a",
            "48k",
            "-frame_duration",
            millis);
    return oggPackets(
        Files.readAllBytes(
            made("opus-" + channels + "-" + millis + "-" + seconds + ".ogg", arguments)));
  }

  private static synchronized Path made(String name, List<String> arguments) throws IOException {
    Path file = FOLDER.resolve(name);
    if (!Files.exists(file)) {
      Files.createDirectories(FOLDER);
      Path staging = FOLDER.resolve("making-" + name);
      List<String> all = new ArrayList<>(List.of("-v", "error", "-y"));
      all.addAll(arguments);
      all.add(staging.toString());
      ProgramRun run = programs().run(all, LIMIT);
      if (run.exitCode() != 0) {
        throw new IOException(run.errors());
      }
      Files.move(staging, file);
    }
    return file;
  }

  private static List<Sample> ivf(Path file, Codec codec) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.getShort(6));
    List<Sample> samples = new ArrayList<>();
    while (in.remaining() > 12) {
      byte[] data = new byte[in.getInt()];
      in.getLong();
      in.get(data);
      if (codec == Codec.AV1) {
        byte[] unit = data[0] == 0x12 ? Arrays.copyOfRange(data, 2, data.length) : data;
        samples.add(new Sample(unit, Av1Sequence.find(unit, 0, unit.length) >= 0));
      } else if (codec == Codec.VP8) {
        samples.add(new Sample(data, (data[0] & 1) == 0));
      } else {
        samples.add(new Sample(data, (data[0] & 4) == 0));
      }
    }
    return samples;
  }

  private static List<Sample> annexB(Path file, Codec codec) throws IOException {
    byte[] stream = Files.readAllBytes(file);
    List<Sample> samples = new ArrayList<>();
    ByteArrayOutputStream unit = new ByteArrayOutputStream();
    boolean key = false;
    int start = nextStart(stream, 0);
    while (start < stream.length) {
      int next = nextStart(stream, start);
      int end = next == stream.length ? next : next - 3;
      while (end > start && stream[end - 1] == 0) {
        end--;
      }
      int type = codec == Codec.H264 ? stream[start] & 31 : (stream[start] >> 1) & 63;
      boolean delimiter = type == (codec == Codec.H264 ? 9 : 35);
      if (delimiter) {
        if (unit.size() > 0) {
          samples.add(new Sample(unit.toByteArray(), key));
        }
        unit.reset();
        key = false;
      } else {
        unit.writeBytes(ByteBuffer.allocate(4).putInt(end - start).array());
        unit.write(stream, start, end - start);
        key |= codec == Codec.H264 ? type == 5 : type >= 16 && type <= 21;
      }
      start = next;
    }
    samples.add(new Sample(unit.toByteArray(), key));
    return samples;
  }

  private static int nextStart(byte[] stream, int from) {
    for (int i = from; i + 3 <= stream.length; i++) {
      if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
        return i + 3;
      }
    }
    return stream.length;
  }

  /** The packets of an Ogg file without the two headers. */
  static List<Sample> oggPackets(byte[] file) {
    List<Sample> packets = new ArrayList<>();
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    int at = 0;
    while (at < file.length) {
      int segments = file[at + 26] & 0xff;
      int body = at + 27 + segments;
      for (int i = 0; i < segments; i++) {
        int length = file[at + 27 + i] & 0xff;
        packet.write(file, body, length);
        body += length;
        if (length < 255) {
          packets.add(new Sample(packet.toByteArray(), true));
          packet.reset();
        }
      }
      at = body;
    }
    return packets.subList(2, packets.size());
  }
}
