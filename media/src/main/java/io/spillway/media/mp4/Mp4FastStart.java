package io.spillway.media.mp4;

import io.spillway.media.FileWindow;
import io.spillway.media.MediaFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Puts the index of a finished file before its media, for players that read from the network
 * without asking for the tail. Copies the file: needs as much room again for a moment.
 */
public final class Mp4FastStart {
  private static final int COPY_BYTES = 1 << 20;
  private static final long MAX_32 = 0xffffffffL;

  private Mp4FastStart() {}

  /**
   * Rewrites the file, unless it is so already, and tells its size. Fails without touching it where
   * there is no room for the copy.
   */
  public static long rewrite(Path path, int timescale) throws IOException {
    Path copy = scratch(path);
    try {
      try (MediaFile in = MediaFile.open(path)) {
        Mp4Log log = new Mp4Log(new FileWindow(in, 4096), COPY_BYTES);
        if (!log.read()) {
          throw new IOException("not a finished MP4 of ours");
        }
        if (log.indexInFront()) {
          return Files.size(path);
        }
        try (MediaFile out = MediaFile.create(copy)) {
          copy(log, in, out, timescale);
        }
      }
      Files.move(copy, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(copy);
    }
    return Files.size(path);
  }

  /** Where the copy is written; what a crash leaves there is of no use. */
  public static Path scratch(Path path) {
    return path.resolveSibling(path.getFileName() + ".faststart");
  }

  private static void copy(Mp4Log log, MediaFile in, MediaFile out, int timescale)
      throws IOException {
    long length = log.end();
    boolean wide = length + length / 100 + COPY_BYTES > MAX_32;
    int indexBytes = Mp4Repair.moov(log.index(), timescale, 0, wide).length;
    byte[] moov = Mp4Repair.moov(log.index(), timescale, indexBytes, wide);
    byte[] buffer = new byte[COPY_BYTES];
    long front = log.frontAt();
    move(in, 0, front, out, 0, buffer);
    out.write(front, moov, 0, moov.length);
    move(in, front, length, out, front + moov.length, buffer);
    out.sync();
  }

  private static void move(
      MediaFile in, long from, long to, MediaFile out, long place, byte[] buffer)
      throws IOException {
    long done = 0;
    while (from + done < to) {
      int wanted = (int) Math.min(buffer.length, to - from - done);
      int read = in.read(from + done, buffer, 0, wanted);
      if (read == 0) {
        throw new IOException("the file became shorter while it was copied");
      }
      out.write(place + done, buffer, 0, read);
      done += read;
    }
  }
}
