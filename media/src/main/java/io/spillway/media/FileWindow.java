package io.spillway.media;

import java.io.IOException;
import java.util.Arrays;

/**
 * Looks at single fields of a file through a small buffer, so that walking the headers of an
 * hours-long file costs one short read per second of media. Reads behind the end answer zero: ask
 * {@link #size} first. The file must not change meanwhile. Not thread-safe.
 */
public final class FileWindow {
  private final MediaFile file;
  private final long size;
  private final byte[] buffer;
  private long start;
  private int filled;

  /** Reads {@code windowBytes} at a time. */
  public FileWindow(MediaFile file, int windowBytes) throws IOException {
    this.file = file;
    this.size = file.size();
    this.buffer = new byte[windowBytes];
  }

  /** Bytes in the file when the window was made. */
  public long size() {
    return size;
  }

  public int u8(long at) throws IOException {
    if (at < start || at >= start + filled) {
      if (at < 0 || at >= size) {
        return 0;
      }
      start = at;
      filled = file.read(at, buffer, 0, buffer.length);
      if (filled == 0) {
        return 0;
      }
    }
    return buffer[(int) (at - start)] & 0xff;
  }

  public int u16(long at) throws IOException {
    return u8(at) << 8 | u8(at + 1);
  }

  public long u32(long at) throws IOException {
    return (long) u16(at) << 16 | u16(at + 2);
  }

  public long u64(long at) throws IOException {
    return u32(at) << 32 | u32(at + 4);
  }

  /** A copy of {@code length} bytes; zeros where the file ends before. */
  public byte[] bytes(long at, int length) throws IOException {
    byte[] copy = new byte[length];
    int read = file.read(at, copy, 0, length);
    if (read < length) {
      Arrays.fill(copy, read, length, (byte) 0);
    }
    return copy;
  }
}
