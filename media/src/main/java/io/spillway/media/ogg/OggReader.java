package io.spillway.media.ogg;

import io.spillway.media.FileWindow;
import io.spillway.media.MediaFile;
import io.spillway.media.ReadFrame;
import io.spillway.media.TrackReader;
import io.spillway.media.bitstream.OpusPackets;
import java.io.IOException;

/**
 * Reads the packets of an Ogg file of ours: whole packets in each page, time by their durations.
 * Ends where the file's last granule position says, before the filler of its last page.
 */
public final class OggReader implements TrackReader {
  private static final int CHANNELS_AT = OggPage.HEADER + 1 + 9;

  private final MediaFile file;
  private final FileWindow window;
  private final long endTicks;
  private final boolean stereo;
  private long pageAt;
  private int pages;
  private int segment;
  private int segments;
  private long bodyAt;
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
  public boolean next(ReadFrame frame) throws IOException {
    while (nextTicks < endTicks && nextPacket(frame)) {
      int duration = OpusPackets.durationTicks(frame.data, 0, frame.length);
      if (duration > 0) {
        frame.atTicks = nextTicks;
        frame.key = true;
        nextTicks += duration;
        return true;
      }
    }
    return false;
  }

  private boolean nextPacket(ReadFrame frame) throws IOException {
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
    frame.read(file, bodyAt, size);
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
  public long endTicks() {
    return endTicks;
  }

  @Override
  public boolean stereo() {
    return stereo;
  }
}
