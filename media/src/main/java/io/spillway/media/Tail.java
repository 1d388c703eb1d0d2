package io.spillway.media;

import java.io.IOException;

/**
 * The growing end of a file: what is appended is there as a whole or not at all, so that a full
 * disk leaves the file as it was. Not thread-safe.
 */
public final class Tail {
  private final MediaFile file;
  private long end;

  /** Appends behind byte {@code end} of the file. */
  public Tail(MediaFile file, long end) {
    this.file = file;
    this.end = end;
  }

  /** Where the next byte goes: the file's size. */
  public long end() {
    return end;
  }

  /** Appends some bytes. */
  public void append(GrowingBytes bytes) throws IOException {
    append(bytes.array(), 0, bytes.size(), bytes.array(), 0, 0);
  }

  /** Appends some bytes. */
  public void append(byte[] data, int offset, int length) throws IOException {
    append(data, offset, length, data, 0, 0);
  }

  /** Appends two pieces that are worth nothing without each other. */
  public void append(
      byte[] first, int firstOffset, int firstLength, byte[] then, int thenOffset, int thenLength)
      throws IOException {
    try {
      file.write(end, first, firstOffset, firstLength);
      if (thenLength > 0) {
        file.write(end + firstLength, then, thenOffset, thenLength);
      }
    } catch (IOException e) {
      takeBack(e);
      throw e;
    }
    end += (long) firstLength + thenLength;
  }

  private void takeBack(IOException cause) {
    try {
      file.truncate(end);
    } catch (IOException e) {
      cause.addSuppressed(e); // the torn piece stays: Salvage cuts it
    }
  }
}
