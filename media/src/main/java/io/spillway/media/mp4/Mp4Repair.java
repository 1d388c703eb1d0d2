package io.spillway.media.mp4;

import io.spillway.media.FileWindow;
import io.spillway.media.GrowingBytes;
import io.spillway.media.MediaFile;
import io.spillway.media.Tail;
import io.spillway.media.TrackWriter.Finished;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Ends an MP4 file of ours, after recording or after a crash: reads the fragments' headers, cuts
 * what is torn, appends the index, and turns what lies before it into one mdat. Copies no media,
 * may be repeated, also on a file whose index was torn off.
 */
public final class Mp4Repair {
  private static final long MAX_32 = 0xffffffffL;
  static final int MAX_ENTRY_BYTES = 1 << 16;

  private final MediaFile file;
  private final Mp4Log log;
  private final int timescale;

  private Mp4Repair(MediaFile file, int timescale) throws IOException {
    this.file = file;
    this.timescale = timescale;
    this.log = new Mp4Log(new FileWindow(file, 4096), MAX_ENTRY_BYTES);
  }

  /**
   * What became of the file.
   *
   * @param indexMissing why the index could not be written: the file plays as fragments
   */
  public record Outcome(Finished finished, Optional<IOException> indexMissing) {}

  /** Makes the file whole; a file without a whole fragment is emptied. */
  public static Outcome finish(MediaFile file, int timescale) throws IOException {
    Mp4Repair repair = new Mp4Repair(file, timescale);
    if (!repair.log.read()) {
      file.truncate(0);
      return new Outcome(new Finished(0, 0, 0), Optional.empty());
    }
    return repair.complete();
  }

  private Outcome complete() throws IOException {
    Mp4Index index = log.index();
    long logEnd = log.end();
    if (log.indexInFront()) {
      return new Outcome(finished(index, file.size()), Optional.empty());
    }
    byte[] moov = moov(index, timescale, 0, logEnd > MAX_32);
    boolean inPlace =
        file.size() == logEnd + moov.length
            && Arrays.equals(log.window().bytes(logEnd, moov.length), moov);
    Optional<IOException> indexMissing = Optional.empty();
    long end = logEnd + moov.length;
    if (!inPlace) {
      file.truncate(logEnd);
      Tail tail = new Tail(file, logEnd);
      try {
        tail.append(moov, 0, moov.length);
      } catch (IOException e) {
        indexMissing = Optional.of(e); // told by the outcome; fragments play without it
        end = logEnd;
      }
    }
    byte[] front = front(log.frontAt(), logEnd, indexMissing.isPresent());
    if (!Arrays.equals(log.window().bytes(log.frontAt(), front.length), front)) {
      file.write(log.frontAt(), front, 0, front.length);
    }
    return new Outcome(finished(index, end), indexMissing);
  }

  private static Finished finished(Mp4Index index, long bytes) {
    return new Finished(index.endTicks() - index.startTicks(), bytes, index.samples());
  }

  static byte[] moov(Mp4Index index, int timescale, long shift, boolean wide) {
    GrowingBytes out = new GrowingBytes(1024 + index.samples() * 8);
    new MoovBox(out, timescale).write(index, shift, wide);
    return out.copy();
  }

  /** The 16 bytes behind ftyp: a large mdat up to the index, or the free box it began as. */
  private static byte[] front(long at, long logEnd, boolean asFragments) {
    GrowingBytes out = new GrowingBytes(Mp4Layout.LARGE_HEADER);
    if (asFragments) {
      out.u32(Mp4Layout.LARGE_HEADER).u32(Mp4Layout.FREE).u64(0);
    } else {
      out.u32(1).u32(Mp4Layout.MDAT).u64(logEnd - at);
    }
    return out.copy();
  }
}
