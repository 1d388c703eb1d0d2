package io.spillway.media.track;

import io.spillway.core.media.Codec;
import io.spillway.media.MediaFile;
import io.spillway.media.ReadFrame;
import io.spillway.media.TrackReader;
import io.spillway.media.TrackWriter;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.mp4.Mp4Reader;
import io.spillway.media.ogg.OggReader;
import io.spillway.media.webm.WebmReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Copies the frames of several files of one track into one, each at its own time; what lies between
 * them is filled as the writers fill any lost stretch: silence for sound, the picture before it
 * held on. Nothing is decoded. Reads and writes whole files: long work.
 */
public final class TrackJoin {
  private TrackJoin() {}

  /**
   * One file of several.
   *
   * @param path a file of ours; if its writer died it is made whole first
   * @param atNanos when its first moment is, counted from the first piece's
   */
  public record Piece(Path path, long atNanos) {}

  /**
   * Writes the joined file.
   *
   * @param pieces in order; at least one
   * @param target made anew; where the join fails it is left to the caller to remove
   * @param mp4FastStart an MP4's index goes in front
   * @return what it holds; empty, and nothing of use in {@code target}, where the pieces can't be
   *     one file because a decoder would have to be set up anew between them
   */
  public static Optional<Finished> join(
      List<Piece> pieces, Path target, Codec codec, boolean mp4FastStart) throws IOException {
    List<MediaFile> files = new ArrayList<>();
    try {
      List<TrackReader> readers = new ArrayList<>();
      for (Piece piece : pieces) {
        MediaFile file = MediaFile.open(piece.path());
        files.add(file);
        readers.add(reader(file, codec));
      }
      if (!alike(readers)) {
        return Optional.empty();
      }
      Path first = pieces.getFirst().path();
      TrackFiles.Options options =
          new TrackFiles.Options(
              Container.of(codec, first.toString()),
              readers.stream().anyMatch(TrackReader::stereo),
              readers.getFirst().size().width(),
              readers.getFirst().size().height(),
              mp4FastStart);
      try (TrackWriter writer = TrackFiles.create(codec, target, options)) {
        copy(pieces, readers, codec, writer);
        return Optional.of(writer.finish());
      }
    } finally {
      for (MediaFile file : files) {
        file.close();
      }
    }
  }

  private static TrackReader reader(MediaFile file, Codec codec) throws IOException {
    Finished whole = Salvage.finish(file, codec);
    if (whole.bytes() == 0) {
      throw new IOException("a part holds nothing that plays");
    }
    return switch (Salvage.container(file)) {
      case OGG -> new OggReader(file, whole.durationTicks());
      case WEBM -> new WebmReader(file, codec.clockRate(), whole.durationTicks());
      case MP4 -> new Mp4Reader(file);
    };
  }

  private static boolean alike(List<TrackReader> readers) {
    for (int i = 1; i < readers.size(); i++) {
      if (!Arrays.equals(readers.get(i - 1).lastSetup(), readers.get(i).firstSetup())) {
        return false;
      }
    }
    return true;
  }

  private static void copy(
      List<Piece> pieces, List<TrackReader> readers, Codec codec, TrackWriter writer)
      throws IOException {
    long endTicks = 0;
    for (int i = 0; i < pieces.size(); i++) {
      TrackReader reader = readers.get(i);
      long shift = Math.max(endTicks, ticks(pieces.get(i).atNanos(), codec));
      copy(reader, shift, codec, writer);
      endTicks = shift + reader.endTicks();
      writer.holdUntil(endTicks);
    }
  }

  /** Flushed as while recording, so that as much memory is needed and not more. */
  private static void copy(TrackReader reader, long shift, Codec codec, TrackWriter writer)
      throws IOException {
    long flushAt = shift + codec.clockRate();
    ReadFrame frame = new ReadFrame();
    while (reader.next(frame)) {
      long at = shift + frame.atTicks;
      if (at >= flushAt) {
        writer.flush();
        flushAt = at + codec.clockRate();
      }
      writer.frame(at, frame.key, frame.data, 0, frame.length);
    }
  }

  private static long ticks(long nanos, Codec codec) {
    return Math.round(nanos / 1e9 * codec.clockRate());
  }
}
