package io.spillway.media.ogg;

import io.spillway.media.FileWindow;
import io.spillway.media.GrowingBytes;
import io.spillway.media.MediaFile;
import io.spillway.media.Tail;
import io.spillway.media.TrackWriter.Finished;
import java.io.IOException;

/**
 * Ends an Ogg file that was left without a last page. Walks the page headers, cuts what is not a
 * whole page, checks the checksums of the last pages (a crash may leave a page's length but not its
 * bytes), and appends the end-of-stream page. In place; doing it again changes nothing.
 *
 * <p>Which packets were fillers isn't written in the file: three bytes of Opus silence count as a
 * filler.
 */
public final class OggRepair {
  private static final int CHECKED_PAGES = 64;
  private static final long MAGIC = 0x4f676753;

  private final MediaFile file;
  private final FileWindow window;
  private final long[] starts = new long[CHECKED_PAGES];
  private final long[] framesBefore = new long[CHECKED_PAGES];
  private int pages;
  private long end;
  private long frames;

  private OggRepair(MediaFile file) throws IOException {
    this.file = file;
    this.window = new FileWindow(file, 1 << 16);
  }

  /** Makes the file whole and tells what it holds; a file without sound is emptied. */
  public static Finished finish(MediaFile file) throws IOException {
    OggRepair repair = new OggRepair(file);
    repair.walk();
    repair.dropDamaged();
    return repair.end();
  }

  private void walk() throws IOException {
    while (wholePage(end)) {
      starts[pages % CHECKED_PAGES] = end;
      framesBefore[pages % CHECKED_PAGES] = frames;
      if (pages >= 2) {
        countFrames(end);
      }
      pages++;
      end += pageLength(end);
    }
  }

  private boolean wholePage(long at) throws IOException {
    return at + OggPage.HEADER <= window.size()
        && window.u32(at) == MAGIC
        && window.u8(at + 4) == 0
        && at + OggPage.HEADER + window.u8(at + 26) <= window.size()
        && at + pageLength(at) <= window.size();
  }

  private int pageLength(long at) throws IOException {
    int segments = window.u8(at + 26);
    int length = OggPage.HEADER + segments;
    for (int i = 0; i < segments; i++) {
      length += window.u8(at + OggPage.HEADER + i);
    }
    return length;
  }

  private void countFrames(long at) throws IOException {
    int segments = window.u8(at + 26);
    long packetAt = at + OggPage.HEADER + segments;
    int length = 0;
    for (int i = 0; i < segments; i++) {
      int lace = window.u8(at + OggPage.HEADER + i);
      length += lace;
      if (lace < 255) {
        boolean filler =
            length == OpusSilence.LENGTH
                && window.u16(packetAt + 1) == 0xfffe
                && window.u8(packetAt) >= 0xe0;
        frames += filler ? 0 : 1;
        packetAt += length;
        length = 0;
      }
    }
  }

  private void dropDamaged() throws IOException {
    int checked = 0;
    while (pages > 0 && checked < CHECKED_PAGES - 1) {
      long start = starts[(pages - 1) % CHECKED_PAGES];
      if (checksumRight(start)) {
        return;
      }
      pages--;
      checked++;
      end = start;
      frames = framesBefore[pages % CHECKED_PAGES];
    }
  }

  private boolean checksumRight(long at) throws IOException {
    byte[] page = window.bytes(at, pageLength(at));
    int crc = little32(page, 22);
    page[22] = 0;
    page[23] = 0;
    page[24] = 0;
    page[25] = 0;
    return crc == OggPage.crc(page, 0, page.length);
  }

  private Finished end() throws IOException {
    if (pages < 3) {
      file.truncate(0);
      return new Finished(0, 0, 0);
    }
    file.truncate(end);
    byte[] head = window.bytes(0, 64);
    byte[] last = window.bytes(starts[(pages - 1) % CHECKED_PAGES], OggPage.HEADER);
    long granule = little64(last, 6);
    int serial = little32(last, 14);
    if ((last[5] & OggPage.LAST) == 0) {
      boolean stereo = head[OggPage.HEADER + 1 + 9] == 2;
      granule = appendLastPage(granule, serial, little32(last, 18) + 1, stereo);
    }
    return new Finished(Math.max(0, granule - OggOpusWriter.PRE_SKIP), end, frames);
  }

  /** Where there is no room left for a page, the last one is marked instead. */
  private long appendLastPage(long granule, int serial, int number, boolean stereo)
      throws IOException {
    OggPage page = new OggPage(serial);
    page.add(OpusSilence.TWENTY_MILLIS.packet(stereo), 0, OpusSilence.LENGTH);
    page.complete(OggPage.LAST, granule + OggOpusWriter.PRE_SKIP, number);
    Tail tail = new Tail(file, end);
    try {
      tail.append(page.bytes(), page.start(), page.length());
    } catch (IOException e) {
      markLastPage();
      return granule;
    }
    end = tail.end();
    return granule + OggOpusWriter.PRE_SKIP;
  }

  private void markLastPage() throws IOException {
    long start = starts[(pages - 1) % CHECKED_PAGES];
    byte[] page = window.bytes(start, pageLength(start));
    page[5] = (byte) (page[5] | OggPage.LAST);
    page[22] = 0;
    page[23] = 0;
    page[24] = 0;
    page[25] = 0;
    int crc = OggPage.crc(page, 0, page.length);
    byte[] crcBytes = new GrowingBytes(4).u32(Integer.reverseBytes(crc)).copy();
    System.arraycopy(crcBytes, 0, page, 22, 4);
    file.write(start, page, 0, OggPage.HEADER);
  }

  private static int little32(byte[] data, int at) {
    return (data[at] & 0xff)
        | (data[at + 1] & 0xff) << 8
        | (data[at + 2] & 0xff) << 16
        | (data[at + 3] & 0xff) << 24;
  }

  private static long little64(byte[] data, int at) {
    return (little32(data, at) & 0xffffffffL) | (long) little32(data, at + 4) << 32;
  }
}
