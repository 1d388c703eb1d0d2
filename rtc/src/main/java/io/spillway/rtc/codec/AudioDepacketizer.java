package io.spillway.rtc.codec;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;

/**
 * Opus (RFC 7587) and G.711: a payload is a frame and passes without copy. Redundant payloads (RFC
 * 2198) also fill the packets missing before them: a block is used when its timestamp is newer than
 * the last frame that went out, so no assumption on how far back a block reaches is needed.
 */
final class AudioDepacketizer implements Depacketizer {
  /** RFC 2198 names no limit; senders use one to four earlier frames. */
  private static final int MAX_BLOCKS = 16;

  private final Sink sink;
  private final Frame frame = new Frame();
  private final int[] blockOffsets = new int[MAX_BLOCKS];
  private final int[] blockLengths = new int[MAX_BLOCKS];
  private final int[] blockTickOffsets = new int[MAX_BLOCKS];
  private boolean started;
  private long lastTicks;
  private long missing;
  private long malformed;
  private long filled;

  AudioDepacketizer(Codec codec, Sink sink) {
    this.sink = sink;
    frame.codec = codec;
    frame.key = true;
  }

  @Override
  public void packet(
      byte[] buffer,
      int offset,
      int length,
      boolean redundant,
      long ticks,
      boolean marker,
      long arrivalNanos) {
    if (!redundant) {
      deliver(buffer, offset, length, ticks, arrivalNanos);
      return;
    }
    int blocks = parseBlocks(buffer, offset, length);
    if (blocks == 0) {
      malformed++;
      gap(1);
      return;
    }
    if (started && missing > 0) {
      fill(buffer, blocks - 1, ticks, arrivalNanos);
    }
    int primary = blocks - 1;
    if (blockLengths[primary] > 0) {
      deliver(buffer, blockOffsets[primary], blockLengths[primary], ticks, arrivalNanos);
    }
  }

  private void fill(byte[] buffer, int redundantBlocks, long ticks, long arrivalNanos) {
    for (int i = 0; i < redundantBlocks && missing > 0; i++) {
      long blockTicks = ticks - blockTickOffsets[i];
      if (blockLengths[i] == 0 || blockTicks <= lastTicks || blockTicks >= ticks) {
        continue;
      }
      // What the blocks can't reach is older than the first of them: that alone is a loss.
      int reachable = redundantBlocks - i;
      boolean lostBefore = missing > reachable;
      long stillMissing = Math.min(missing, reachable) - 1;
      missing = lostBefore ? 1 : 0;
      deliver(buffer, blockOffsets[i], blockLengths[i], blockTicks, arrivalNanos);
      missing = stillMissing;
      filled++;
    }
  }

  private void deliver(byte[] buffer, int offset, int length, long ticks, long arrivalNanos) {
    frame.afterLoss = missing > 0;
    missing = 0;
    started = true;
    lastTicks = ticks;
    frame.ticks = ticks;
    frame.arrivalNanos = arrivalNanos;
    frame.data = buffer;
    frame.offset = offset;
    frame.length = length;
    sink.frame(frame);
  }

  /** RFC 2198 section 3: fills the block tables, the primary last; 0 when it isn't well formed. */
  private int parseBlocks(byte[] buffer, int offset, int length) {
    int end = offset + length;
    int position = offset;
    int blocks = 0;
    while (true) {
      if (position >= end || blocks == MAX_BLOCKS) {
        return 0;
      }
      if ((buffer[position] & 0x80) == 0) {
        position++;
        break;
      }
      if (position + 4 > end) {
        return 0;
      }
      int fields =
          ((buffer[position + 1] & 0xff) << 16)
              | ((buffer[position + 2] & 0xff) << 8)
              | (buffer[position + 3] & 0xff);
      blockTickOffsets[blocks] = fields >> 10;
      blockLengths[blocks] = fields & 0x3ff;
      blocks++;
      position += 4;
    }
    for (int i = 0; i < blocks; i++) {
      blockOffsets[i] = position;
      position += blockLengths[i];
      if (position > end) {
        return 0;
      }
    }
    blockOffsets[blocks] = position;
    blockLengths[blocks] = end - position;
    blockTickOffsets[blocks] = 0;
    return blocks + 1;
  }

  /** How many earlier frames a redundant payload carries, without looking at their lengths. */
  static int redundantBlocks(byte[] buffer, int offset, int length) {
    int blocks = 0;
    int position = offset;
    while (position < offset + length && (buffer[position] & 0x80) != 0 && blocks < MAX_BLOCKS) {
      blocks++;
      position += 4;
    }
    return blocks;
  }

  @Override
  public void gap(long packets) {
    missing += packets;
  }

  @Override
  public void restart() {
    started = false;
    missing = 0;
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    return false;
  }

  @Override
  public boolean waitsForKeyFrame() {
    return false;
  }

  @Override
  public void dropBlankFrames(boolean drop) {
    // The SFU's blank audio is silence: it belongs into the recording.
  }

  @Override
  public long framesDropped() {
    return 0;
  }

  @Override
  public long blankFrames() {
    return 0;
  }

  @Override
  public long malformed() {
    return malformed;
  }

  @Override
  public long packetsFilled() {
    return filled;
  }
}
