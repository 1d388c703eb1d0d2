package io.spillway.media.webm;

import io.spillway.media.FileWindow;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackReader;
import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;

/** Reads the blocks of a WebM file of ours ({@link WebmLayout}), one cluster after the other. */
public final class WebmReader implements TrackReader {
  private static final int PRIVATE_LIMIT_BYTES = 1 << 16;

  private final MediaFile file;
  private final FileWindow window;
  private final int clockRate;
  private final long endTicks;
  private final byte[] codecPrivate;
  private final PictureSize size;
  private byte[] data = new byte[16 << 10];
  private int length;
  private long at;
  private long clusterEnd;
  private long clusterMillis;
  private long atTicks;
  private boolean key;

  /**
   * Reads from the start.
   *
   * @param endTicks the file's length, as making it whole told it
   * @throws IOException when it can't be read, or isn't laid out as ours are
   */
  public WebmReader(MediaFile file, int clockRate, long endTicks) throws IOException {
    this.file = file;
    this.window = new FileWindow(file, 4096);
    this.clockRate = clockRate;
    this.endTicks = endTicks;
    long segment = end(0);
    long info = segment + 12 + WebmLayout.SEEK_HEAD_ROOM;
    long tracks = end(info);
    if (id(0) != Ebml.HEADER || id(segment) != Ebml.SEGMENT || id(tracks) != Ebml.TRACKS) {
      throw new IOException("not a WebM file of ours");
    }
    this.at = end(tracks);
    this.clusterEnd = at;
    this.size = new PictureSize(window.u16(at - 6), window.u16(at - 2));
    this.codecPrivate = codecPrivate(content(tracks), at);
  }

  /** Inside the one TrackEntry. */
  private byte[] codecPrivate(long tracksContent, long tracksEnd) throws IOException {
    long element = content(tracksContent);
    while (element < tracksEnd) {
      int bytes = idBytes(element);
      if (id(element) == Ebml.CODEC_PRIVATE && end(element) - element < PRIVATE_LIMIT_BYTES) {
        long from = element + bytes + sizeBytes(element + bytes);
        return window.bytes(from, (int) (end(element) - from));
      }
      element = end(element);
    }
    return new byte[0];
  }

  @Override
  public boolean next() throws IOException {
    while (at >= clusterEnd) {
      if (at >= window.size() || id(at) == Ebml.CUES) {
        return false;
      }
      if (id(at) == Ebml.CLUSTER) {
        clusterEnd = end(at);
        clusterMillis = window.u64(at + 14);
        at += WebmLayout.CLUSTER_HEAD;
      } else {
        at = end(at); // a mark
        clusterEnd = at;
      }
    }
    block();
    return true;
  }

  /** SimpleBlock: track number, time in the cluster, flags, frame (RFC 9559, 10.2). */
  private void block() throws IOException {
    long from = content(at);
    long until = end(at);
    if (id(at) != Ebml.SIMPLE_BLOCK || until - from < 4 || until > clusterEnd) {
      throw new IOException("the WebM file is damaged at byte " + at);
    }
    atTicks = (clusterMillis + window.u16(from + 1)) * clockRate / 1000;
    key = (window.u8(from + 3) & 0x80) != 0;
    length = (int) (until - from - 4);
    data = data.length < length ? new byte[length * 2] : data;
    if (file.read(from + 4, data, 0, length) < length) {
      throw new IOException("the WebM file became shorter while it was read");
    }
    at = until;
  }

  private int id(long element) throws IOException {
    int bytes = idBytes(element);
    return (int) (window.u32(element) >>> (32 - 8 * bytes));
  }

  /** Leading zeros tell how long an id or a size is (RFC 8794, section 4). */
  private int idBytes(long element) throws IOException {
    return Math.min(4, sizeBytes(element));
  }

  private int sizeBytes(long at) throws IOException {
    return Math.min(8, Integer.numberOfLeadingZeros(window.u8(at)) - 23);
  }

  private long content(long element) throws IOException {
    long size = element + idBytes(element);
    return size + sizeBytes(size);
  }

  private long end(long element) throws IOException {
    long sizeAt = element + idBytes(element);
    int bytes = sizeBytes(sizeAt);
    long size = window.u8(sizeAt) & ((1 << (8 - bytes)) - 1);
    for (int i = 1; i < bytes; i++) {
      size = size << 8 | window.u8(sizeAt + i);
    }
    return sizeAt + bytes + size;
  }

  @Override
  public long atTicks() {
    return atTicks;
  }

  @Override
  public boolean key() {
    return key;
  }

  @Override
  public byte[] data() {
    return data;
  }

  @Override
  public int offset() {
    return 0;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public long endTicks() {
    return endTicks;
  }

  @Override
  public boolean stereo() {
    return false;
  }

  @Override
  public PictureSize size() {
    return size;
  }

  @Override
  public byte[] firstSetup() {
    return codecPrivate.clone();
  }

  @Override
  public byte[] lastSetup() {
    return codecPrivate.clone();
  }
}
