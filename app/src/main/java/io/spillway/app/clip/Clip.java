package io.spillway.app.clip;

import io.spillway.core.media.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One encoded track, wholly in memory.
 *
 * @param frames in decoding order, their {@code ticks} from 0 in the codec's clock
 * @param durationTicks to the end of the last frame: where the next round begins
 * @param width 0 for sound
 * @param height 0 for sound
 */
public record Clip(
    Codec codec, List<ClipFrame> frames, long durationTicks, int width, int height, int channels) {
  /** Clips are some seconds of demo or test media, not films. */
  private static final long BYTES_MAX = 256L << 20;

  /** An encoded frame; {@code key} is always true for sound. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; copying each frame would be waste
  public record ClipFrame(long ticks, boolean key, byte[] data) {}

  /** Checks that there is something to play. */
  public Clip {
    frames = List.copyOf(frames);
    if (frames.isEmpty() || durationTicks <= 0) {
      throw new IllegalArgumentException("a clip needs frames and a length");
    }
    if (!frames.getFirst().key()) {
      throw new IllegalArgumentException("a clip must begin with a key frame");
    }
  }

  /**
   * Reads {@code .ivf} (VP8, VP9, AV1), {@code .h264} or {@code .h265} (byte streams), or {@code
   * .ogg}/{@code .opus} (Opus).
   *
   * @throws IOException that names the file and what is wrong with it
   */
  public static Clip of(Path file) throws IOException {
    if (Files.size(file) > BYTES_MAX) {
      throw new IOException(file + " is longer than " + BYTES_MAX + " bytes: too much for a clip");
    }
    byte[] bytes = Files.readAllBytes(file);
    String name = String.valueOf(file.getFileName());
    try {
      if (name.endsWith(".ivf")) {
        return IvfReader.read(bytes);
      }
      if (name.endsWith(".ogg") || name.endsWith(".opus")) {
        return OggOpusReader.read(bytes);
      }
      if (name.endsWith(".h264")) {
        return AnnexBReader.read(bytes, Codec.H264);
      }
      if (name.endsWith(".h265")) {
        return AnnexBReader.read(bytes, Codec.H265);
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException damaged) {
      throw new IOException(file + " can't be played: " + damaged.getMessage(), damaged);
    }
    throw new IOException(file + " can't be played: expected .ivf, .h264, .h265, .ogg or .opus");
  }
}
