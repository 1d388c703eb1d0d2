package io.spillway.media.ogg;

import io.spillway.media.GrowingBytes;
import io.spillway.media.MediaFile;
import io.spillway.media.Tail;
import io.spillway.media.TrackWriter;
import io.spillway.media.bitstream.OpusPackets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/*
 * Time in the file is the sum of the packets' durations, nothing else (RFC 7845, section 4): a gap
 * has to be filled, and what overlaps has to go. Gaps become silence down to 2.5 ms; the rest of a
 * gap stays as debt until it is that long. A packet that lies wholly in time already covered is
 * left out; one that reaches beyond is taken, and the file runs late by less than one packet until
 * the next gap.
 *
 * The pre-skip is the encoder's own delay: the sample of time t comes out of the decoder 312
 * samples later. One more packet of silence at the end gets the last 6.5 ms out, and the granule
 * position of the last page cuts it, so that the duration is exact.
 */
/** Opus into Ogg. Memory: one page, 65 KB at most. Not thread-safe. */
public final class OggOpusWriter implements TrackWriter {
  /** The delay of libopus in 48 kHz samples (6.5 ms). */
  static final int PRE_SKIP = 312;

  private static final int PAGE_TICKS = 48_000;
  private static final int CHANNELS_AT = 9;
  private static final OpusSilence[] SILENCES = OpusSilence.values();

  private final MediaFile file;
  private final Tail tail;
  private final OggPage page;
  private boolean stereo;
  private boolean headStereo;
  private boolean headWritten;
  private boolean broken;
  private boolean closed;
  private int pageNumber;
  private int pageTicks;
  private long endTicks;
  private long frames;
  private long leftOut;

  /**
   * @param file empty
   * @param stereo whether the track was announced as stereo; a stereo packet tells so too
   * @param serial the logical stream's number
   */
  public OggOpusWriter(MediaFile file, boolean stereo, int serial) {
    this.file = file;
    this.tail = new Tail(file, 0);
    this.page = new OggPage(serial);
    this.stereo = stereo;
  }

  @Override
  public void frame(long atTicks, boolean key, byte[] data, int offset, int length)
      throws IOException {
    int duration = OpusPackets.durationTicks(data, offset, length);
    if (duration == 0 || length > 255 * 254 || atTicks + duration <= endTicks) {
      leftOut++;
      return;
    }
    stereo |= OpusPackets.stereo(data, offset);
    fillTo(atTicks);
    put(data, offset, length, duration);
    frames++;
  }

  @Override
  public void holdUntil(long atTicks) throws IOException {
    fillTo(atTicks);
  }

  /** Packets that were not valid or came for time already covered. */
  public long leftOut() {
    return leftOut;
  }

  private void fillTo(long atTicks) throws IOException {
    for (OpusSilence silence : SILENCES) {
      while (atTicks - endTicks >= silence.ticks) {
        put(silence.packet(stereo), 0, OpusSilence.LENGTH, silence.ticks);
      }
    }
  }

  private void put(byte[] data, int offset, int length, int duration) throws IOException {
    if (broken || closed) {
      throw new IOException(
          "Ogg file takes no more packets: a write before failed or it is closed");
    }
    if (!page.fits(length)) {
      writePage(0, endTicks);
    }
    page.add(data, offset, length);
    endTicks += duration;
    pageTicks += duration;
    if (pageTicks >= PAGE_TICKS) {
      writePage(0, endTicks);
    }
  }

  @Override
  public void flush() throws IOException {
    if (!page.empty()) {
      writePage(0, endTicks);
    }
  }

  private void writePage(int flags, long granule) throws IOException {
    try {
      writeHeadIfNeeded();
      page.complete(flags, granule, pageNumber);
      tail.append(page.bytes(), page.start(), page.length());
      pageNumber++;
    } catch (IOException e) {
      broken = true;
      throw e;
    } finally {
      page.clear();
      pageTicks = 0;
    }
  }

  /** The first two pages; the first again when a stereo packet comes after a mono head. */
  private void writeHeadIfNeeded() throws IOException {
    if (headWritten && headStereo == stereo) {
      return;
    }
    OggPage head = new OggPage(page.serial());
    byte[] opusHead = opusHead(stereo);
    head.add(opusHead, 0, opusHead.length);
    head.complete(OggPage.FIRST, 0, 0);
    if (headWritten) {
      file.write(0, head.bytes(), head.start(), head.length());
    } else {
      OggPage tags = new OggPage(page.serial());
      byte[] opusTags = opusTags();
      tags.add(opusTags, 0, opusTags.length);
      tags.complete(0, 0, 1);
      tail.append(
          head.bytes(), head.start(), head.length(), tags.bytes(), tags.start(), tags.length());
      pageNumber = 2;
      headWritten = true;
    }
    headStereo = stereo;
  }

  /** RFC 7845, section 5.1: 48 kHz, channel mapping family 0. Fields are little-endian. */
  private static byte[] opusHead(boolean stereo) {
    byte[] head =
        new GrowingBytes(19)
            .ascii("OpusHead")
            .u8(1)
            .u8(0)
            .u16(Short.reverseBytes((short) PRE_SKIP))
            .u32(Integer.reverseBytes(48_000))
            .zeros(3)
            .copy();
    head[CHANNELS_AT] = (byte) (stereo ? 2 : 1);
    return head;
  }

  /** RFC 7845, section 5.2: a vendor name, no comments. */
  private static byte[] opusTags() {
    byte[] vendor = "Spillway".getBytes(StandardCharsets.US_ASCII);
    return new GrowingBytes(32)
        .ascii("OpusTags")
        .u32(Integer.reverseBytes(vendor.length))
        .bytes(vendor)
        .u32(0)
        .copy();
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public long bytesWritten() {
    return tail.end();
  }

  @Override
  public Finished finish() throws IOException {
    if (!broken && endTicks > 0) {
      writeLastPage();
      close();
      return new Finished(endTicks, tail.end(), frames);
    }
    Finished whole = OggRepair.finish(file);
    close();
    return new Finished(whole.durationTicks(), whole.bytes(), Math.min(frames, whole.frames()));
  }

  private void writeLastPage() throws IOException {
    if (!page.fits(OpusSilence.LENGTH)) {
      writePage(0, endTicks);
    }
    page.add(OpusSilence.TWENTY_MILLIS.packet(stereo), 0, OpusSilence.LENGTH);
    writePage(OggPage.LAST, endTicks + PRE_SKIP);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      file.close();
    } catch (IOException e) {
      broken = true; // closing writes nothing: what was flushed is there
    }
  }
}
