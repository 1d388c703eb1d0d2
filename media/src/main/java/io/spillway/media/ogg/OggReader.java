package io.spillway.media.ogg;

import io.spillway.media.FileWindow;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackReader;
import io.spillway.media.bitstream.OpusPackets;
import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;

/**
 * Reads the packets of an Ogg file of ours: whole packets in each page, time by their durations.
 * Ends where the file's last granule position says, before the filler of its last page.
 */
public final class OggReader implements TrackReader {
  private static final byte[] NOTHING = {};
  private static final int CHANNELS_AT = OggPage.HEADER + 1 + 9;

  private final MediaFile file;
  private final FileWindow window;
  private final long endTicks;
  private final boolean stereo;
  private byte[] packet = new byte[512];
  private int length;
  private long pageAt;
  private int pages;
  private int segment;
  private int segments;
  private long bodyAt;
  private long atTicks;
  private long nextTicks;

  /**
   * Reads from the start.
   *
   * @param endTicks the file's length, as making it whole told it
   */
  public OggReader(MediaFile file, long endTicks) throws IOException {
    this.file = file;
    this.window = new FileWindow(file, 1 << 16);
    this.endTicks = endTicks;
    this.stereo = window.u8(CHANNELS_AT) == 2;
  }

  @Override
  public boolean next() throws IOException {
    while (nextTicks < endTicks && nextPacket()) {
      int duration = OpusPackets.durationTicks(packet, 0, length);
      if (duration > 0) {
        atTicks = nextTicks;
        nextTicks += duration;
        return true;
      }
    }
    return false;
  }

  private boolean nextPacket() throws IOException {
    while (segment == segments) {
      if (bodyAt >= window.size()) {
        return false;
      }
      openPage(bodyAt);
    }
    int size = 0;
    int lace;
    do {
      lace = window.u8(pageAt + OggPage.HEADER + segment++);
      size += lace;
    } while (lace == 255 && segment < segments);
    packet = packet.length < size ? new byte[size * 2] : packet;
    if (file.read(bodyAt, packet, 0, size) < size) {
      throw new IOException("the Ogg file became shorter while it was read");
    }
    length = size;
    bodyAt += size;
    return true;
  }

  /** The first two pages hold the headers. */
  private void openPage(long at) throws IOException {
    pageAt = at;
    segments = window.u8(at + 26);
    bodyAt = at + OggPage.HEADER + segments;
    segment = 0;
    if (pages++ < 2) {
      for (int i = 0; i < segments; i++) {
        bodyAt += window.u8(at + OggPage.HEADER + i);
      }
      segment = segments;
    }
  }

  @Override
  public long atTicks() {
    return atTicks;
  }

  @Override
  public boolean key() {
    return true;
  }

  @Override
  public byte[] data() {
    return packet;
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
    return stereo;
  }

  @Override
  public PictureSize size() {
    return PictureSize.UNKNOWN;
  }

  @Override
  public byte[] firstSetup() {
    return NOTHING;
  }

  @Override
  public byte[] lastSetup() {
    return NOTHING;
  }
}
