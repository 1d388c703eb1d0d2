package io.spillway.media.track;

import io.spillway.core.media.Codec;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.mp4.Mp4FastStart;
import io.spillway.media.mp4.Mp4Repair;
import io.spillway.media.ogg.OggRepair;
import io.spillway.media.webm.WebmRepair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes files whole that a killed process left behind, wherever they stop. The torn end is cut, the
 * index is built from headers alone, nothing is copied; a file that is whole stays as it is. A file
 * without a single whole piece of media is emptied (zero bytes, zero frames).
 */
public final class Salvage {
  private static final int START_BYTES = 8;
  private static final int EBML = 0x1a45dfa3;
  private static final int OGG = 0x4f676753;
  private static final int FTYP = 0x66747970;

  private Salvage() {}

  /** Finishes the file of a track of that codec; the container is read from the file itself. */
  public static Finished finish(Path path, Codec codec) throws IOException {
    Files.deleteIfExists(Mp4FastStart.scratch(path));
    try (MediaFile file = MediaFile.open(path)) {
      return finish(file, codec);
    }
  }

  /** As {@link #finish(Path, Codec)}; an MP4's index goes in front, if there is room for that. */
  public static Finished finishForFastStart(Path path, Codec codec) throws IOException {
    Finished finished = finish(path, codec);
    return finished.frames() > 0 && isMp4(path)
        ? FastStartWriter.indexInFront(path, codec.clockRate(), finished)
        : finished;
  }

  private static boolean isMp4(Path path) throws IOException {
    try (MediaFile file = MediaFile.open(path)) {
      return container(file) == Container.MP4;
    }
  }

  /** As {@link #finish(Path, Codec)}, on an open file, which stays open. */
  public static Finished finish(MediaFile file, Codec codec) throws IOException {
    if (file.size() < START_BYTES) {
      file.truncate(0);
      return new Finished(0, 0, 0);
    }
    return switch (container(file)) {
      case OGG -> OggRepair.finish(file);
      case WEBM -> WebmRepair.finish(file, codec.clockRate()).finished();
      case MP4 -> Mp4Repair.finish(file, codec.clockRate()).finished();
    };
  }

  /** What a file is by its first bytes. */
  static Container container(MediaFile file) throws IOException {
    byte[] start = new byte[START_BYTES];
    if (file.read(0, start, 0, START_BYTES) < START_BYTES) {
      throw new IOException("the file became shorter while it was read");
    }
    if (int32(start, 0) == OGG) {
      return Container.OGG;
    }
    if (int32(start, 0) == EBML) {
      return Container.WEBM;
    }
    if (int32(start, 4) == FTYP) {
      return Container.MP4;
    }
    throw new IOException("neither Ogg, WebM nor MP4: left as it is");
  }

  private static int int32(byte[] data, int at) {
    return (data[at] & 0xff) << 24
        | (data[at + 1] & 0xff) << 16
        | (data[at + 2] & 0xff) << 8
        | (data[at + 3] & 0xff);
  }
}
