package io.spillway.media.track;

import io.spillway.core.media.Codec;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackWriter;
import io.spillway.media.bitstream.PictureSize;
import io.spillway.media.mp4.Mp4Writer;
import io.spillway.media.ogg.OggOpusWriter;
import io.spillway.media.webm.WebmWriter;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the writer that a codec needs. No state. */
public final class TrackFiles {
  private TrackFiles() {}

  /**
   * What is known of a track before its first frame.
   *
   * @param container where it goes
   * @param stereo announced as stereo (sound); packets that are stereo tell so themselves
   * @param width announced picture size, 0 for unknown; key frames tell it themselves
   * @param height see {@code width}
   * @param mp4FastStart rewrite an MP4 at the end with its index in front
   */
  public record Options(
      Container container, boolean stereo, int width, int height, boolean mp4FastStart) {

    /** Nothing known: the codec's own container, chosen by file name where there is a choice. */
    public static Options of(Codec codec, String fileName) {
      return new Options(Container.of(codec, fileName), false, 0, 0, false);
    }

    /** Announced as stereo or not. */
    public Options withStereo(boolean announced) {
      return new Options(container, announced, width, height, mp4FastStart);
    }

    /** With the announced picture size. */
    public Options withSize(int announcedWidth, int announcedHeight) {
      return new Options(container, stereo, announcedWidth, announcedHeight, mp4FastStart);
    }

    /** With the index of an MP4 moved to the front at the end, or not. */
    public Options withMp4FastStart(boolean wanted) {
      return new Options(container, stereo, width, height, wanted);
    }
  }

  /** The extension of a codec's file, without the dot, if nobody says otherwise. */
  public static String extension(Codec codec) {
    return Container.of(codec).extension();
  }

  /**
   * A writer of a new file; one that is there is emptied. The folder must exist.
   *
   * @throws IllegalArgumentException for a codec that isn't copied, or not into that container
   */
  public static TrackWriter create(Codec codec, Path path, Options options) throws IOException {
    requireFitting(codec, options.container());
    TrackWriter writer = on(MediaFile.create(path), codec, options, path.toString().hashCode());
    return options.mp4FastStart() && options.container() == Container.MP4
        ? new FastStartWriter(writer, path, codec.clockRate())
        : writer;
  }

  /** As {@link #create}, on a file of the caller's own making; no fast start. */
  public static TrackWriter on(MediaFile file, Codec codec, Options options, int serial) {
    requireFitting(codec, options.container());
    PictureSize announced = new PictureSize(options.width(), options.height());
    return switch (options.container()) {
      case OGG -> new OggOpusWriter(file, options.stereo(), serial);
      case WEBM -> new WebmWriter(codec, file, announced);
      case MP4 -> new Mp4Writer(codec, file, announced);
    };
  }

  private static void requireFitting(Codec codec, Container container) {
    boolean choice = codec == Codec.AV1 && container == Container.MP4;
    if (!codec.isCopied() || (container != Container.of(codec) && !choice)) {
      throw new IllegalArgumentException(codec + " can't be copied into " + container);
    }
  }
}
