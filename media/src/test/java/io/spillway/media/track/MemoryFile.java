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

  static MemoryFile of(byte[] content, int length) {
    MemoryFile file = new MemoryFile();
    file.bytes = Arrays.copyOf(content, Math.max(1, length));
    file.size = length;
    return file;
  }

  void limitTo(long bytesOnDisk) {
    room = bytesOnDisk;
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
    int fitting = (int) Math.max(0, Math.min(length, room - at));
    int end = (int) at + fitting;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
    }
    System.arraycopy(data, offset, bytes, (int) at, fitting);
    size = Math.max(size, end);
    lowestChange = Math.min(lowestChange, at);
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
    size = (int) Math.min(size, newSize);
  }

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
