package io.spillway.media;

import java.io.IOException;

/** A frame as it stands in a file: one object for all frames of a file. Not thread-safe. */
public final class ReadFrame {
  private static final byte[] NO_HEAD = {};

  /** When it starts, in ticks of the codec's clock since the start of the file. */
  public long atTicks;

  /** Whether it can be decoded without anything before it. */
  public boolean key;

  /** Holds the frame from its start on, {@link #length} bytes long, as a writer takes it. */
  public byte[] data = new byte[16 << 10];

  /** See {@link #data}. */
  public int length;

  /**
   * Takes in what {@code head} holds, and the {@code bytes} of the file at {@code place}.
   *
   * @throws IOException when they can't be read, or aren't there any more
   */
  public void read(byte[] head, MediaFile file, long place, int bytes) throws IOException {
    length = head.length + bytes;
    data = data.length < length ? new byte[length * 2] : data;
    System.arraycopy(head, 0, data, 0, head.length);
    if (file.read(place, data, head.length, bytes) < bytes) {
      throw new IOException("the file became shorter while it was read");
    }
  }

  /** The same without anything before them. */
  public void read(MediaFile file, long place, int bytes) throws IOException {
    read(NO_HEAD, file, place, bytes);
  }
}
