package io.spillway.rtc.codec;

import static io.spillway.rtc.codec.SampleFrames.hex;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A depacketizer with what came out of it. */
final class Collected implements Depacketizer.Sink {
  record Got(String data, long ticks, boolean key, boolean afterLoss, int width, int height) {}

  final List<Got> frames = new ArrayList<>();
  final Depacketizer depacketizer;
  private long ticks = 3_000;

  Collected(Codec codec) {
    depacketizer = Depacketizers.of(codec, this);
  }

  @Override
  public void frame(Frame frame) {
    byte[] data = Arrays.copyOfRange(frame.data, frame.offset, frame.offset + frame.length);
    frames.add(
        new Got(
            HexFormat.of().formatHex(data),
            frame.ticks,
            frame.key,
            frame.afterLoss,
            frame.width,
            frame.height));
  }

  /** The next frame's timestamp. */
  Collected at(long newTicks) {
    ticks = newTicks;
    return this;
  }

  /** A payload within a frame. */
  Collected more(String digits) {
    return give(hex(digits), false);
  }

  /** A payload that ends a frame. */
  Collected end(String digits) {
    return give(hex(digits), true);
  }

  Collected give(byte[] payload, boolean marker) {
    return give(payload, marker, false);
  }

  Collected red(String digits) {
    return give(hex(digits), false, true);
  }

  private Collected give(byte[] payload, boolean marker, boolean redundant) {
    // Somewhere in a larger buffer, as in a packet.
    byte[] buffer = new byte[payload.length + 20];
    Arrays.fill(buffer, (byte) 0xee);
    System.arraycopy(payload, 0, buffer, 12, payload.length);
    depacketizer.packet(buffer, 12, payload.length, redundant, ticks, marker, ticks * 10);
    return this;
  }

  Collected gap(int packets) {
    depacketizer.gap(packets);
    return this;
  }

  List<String> data() {
    return frames.stream().map(Got::data).toList();
  }

  Got only() {
    if (frames.size() != 1) {
      throw new AssertionError("one frame expected: " + frames);
    }
    return frames.getFirst();
  }
}
