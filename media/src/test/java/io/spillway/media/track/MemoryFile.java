package io.spillway.media.track;

import io.spillway.media.MediaFile;
import java.io.IOException;
import java.util.Arrays;

/** A file in memory on a disk of limited size: a write beyond it writes what fits, then fails. */
final class MemoryFile implements MediaFile {
  private byte[] bytes = new byte[1 << 16];
  private int size;
  private long room = Integer.MAX_VALUE;
  private long lowestChange = Long.MAX_VALUE;
  private long changesLeft = Long.MAX_VALUE;
  private double lastPart;

  /** The process was killed: not an IOException, because nobody lives to clean up after it. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static MemoryFile of(byte[] content, int length) {
    MemoryFile file = new MemoryFile();
    file.bytes = Arrays.copyOf(content, Math.max(1, length));
    file.size = length;
    return file;
  }

  void limitTo(long bytesOnDisk) {
    room = bytesOnDisk;
  }

  /**
   * Lets {@code changes} more writes and truncations pass. Of the next one only this part is done
   * (0 to 1), and what asked for it does not get its thread back.
   */
  void killAfter(int changes, double part) {
    changesLeft = changes;
    lastPart = part;
  }

  byte[] content() {
    return Arrays.copyOf(bytes, size);
  }

  /** The first byte written to since the last call. */
  long lowestChange() {
    long lowest = lowestChange;
    lowestChange = Long.MAX_VALUE;
    return lowest;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void write(long at, byte[] data, int offset, int length) throws IOException {
    boolean killed = changesLeft-- <= 0;
    int wanted = killed ? (int) (length * lastPart) : length;
    int fitting = (int) Math.max(0, Math.min(wanted, room - at));
    int end = (int) at + fitting;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
    }
    System.arraycopy(data, offset, bytes, (int) at, fitting);
    size = Math.max(size, end);
    lowestChange = Math.min(lowestChange, at);
    if (killed) {
      throw new Killed();
    }
    if (fitting < length) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public int read(long at, byte[] into, int offset, int length) {
    int count = (int) Math.max(0, Math.min(length, size - at));
    System.arraycopy(bytes, (int) Math.min(at, size), into, offset, count);
    return count;
  }

  @Override
  public void truncate(long newSize) {
    if (changesLeft-- <= 0) {
      throw new Killed();
    }
    size = (int) Math.min(size, newSize);
  }

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
