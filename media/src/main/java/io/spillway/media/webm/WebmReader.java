package io.spillway.media.webm;

import io.spillway.media.FileWindow;
import io.spillway.media.MediaFile;
import io.spillway.media.ReadFrame;
import io.spillway.media.TrackReader;
import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;

/** Reads the blocks of a WebM file of ours ({@link WebmLayout}), one cluster after the other. */
public final class WebmReader implements TrackReader {
  private static final int PRIVATE_LIMIT_BYTES = 1 << 16;

  private final MediaFile file;
  private final FileWindow window;
  private final Elements elements;
  private final int clockRate;
  private final long endTicks;
  private final byte[] codecPrivate;
  private final PictureSize size;
  private long at;
  private long clusterEnd;
  private long clusterMillis;

  /**
   * Reads from the start.
   *
   * @param endTicks the file's length, as making it whole told it
   * @throws IOException when it can't be read, or isn't laid out as ours are
   */
  public WebmReader(MediaFile file, int clockRate, long endTicks) throws IOException {
    this.file = file;
    this.window = new FileWindow(file, 4096);
    this.elements = new Elements(window);
    this.clockRate = clockRate;
    this.endTicks = endTicks;
    long segment = elements.end(0);
    long info = segment + 12 + WebmLayout.SEEK_HEAD_ROOM;
    long tracks = elements.end(info);
    if (elements.id(0) != Ebml.HEADER
        || elements.id(segment) != Ebml.SEGMENT
        || elements.id(tracks) != Ebml.TRACKS) {
      throw new IOException("not a WebM file of ours");
    }
    this.at = elements.end(tracks);
    this.clusterEnd = at;
    this.size = new PictureSize(window.u16(at - 6), window.u16(at - 2));
    this.codecPrivate = codecPrivate(elements.content(tracks), at);
  }

  /** Inside the one TrackEntry. */
  private byte[] codecPrivate(long tracksContent, long tracksEnd) throws IOException {
    long element = elements.content(tracksContent);
    while (element < tracksEnd) {
      if (elements.id(element) == Ebml.CODEC_PRIVATE
          && elements.end(element) - element < PRIVATE_LIMIT_BYTES) {
        long from = elements.content(element);
        return window.bytes(from, (int) (elements.end(element) - from));
      }
      element = elements.end(element);
    }
    return new byte[0];
  }

  @Override
  public boolean next(ReadFrame frame) throws IOException {
    while (at >= clusterEnd) {
      if (at >= window.size() || elements.id(at) == Ebml.CUES) {
        return false;
      }
      if (elements.id(at) == Ebml.CLUSTER) {
        clusterEnd = elements.end(at);
        clusterMillis = window.u64(at + 14);
        at += WebmLayout.CLUSTER_HEAD;
      } else {
        at = elements.end(at); // a mark
        clusterEnd = at;
      }
    }
    block(frame);
    return true;
  }

  /** SimpleBlock: track number, time in the cluster, flags, frame (RFC 9559, 10.2). */
  private void block(ReadFrame frame) throws IOException {
    long from = elements.content(at);
    long until = elements.end(at);
    if (elements.id(at) != Ebml.SIMPLE_BLOCK || until - from < 4 || until > clusterEnd) {
      throw new IOException("the WebM file is damaged at byte " + at);
    }
    frame.atTicks = (clusterMillis + window.u16(from + 1)) * clockRate / 1000;
    frame.key = (window.u8(from + 3) & 0x80) != 0;
    frame.read(file, from + 4, (int) (until - from - 4));
    at = until;
  }

  @Override
  public long endTicks() {
    return endTicks;
  }

  @Override
  public PictureSize size() {
    return size;
  }

  @Override
  public byte[] firstSetup() {
    return codecPrivate.clone();
  }
}
