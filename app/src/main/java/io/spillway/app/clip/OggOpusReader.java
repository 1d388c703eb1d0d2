package io.spillway.app.clip;

import io.spillway.app.clip.Clip.ClipFrame;
import io.spillway.core.media.Codec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Opus packets out of Ogg pages (RFC 3533, RFC 7845); one logical stream. */
final class OggOpusReader {
  private static final int PAGE_HEADER = 27;

  private OggOpusReader() {}

  static Clip read(byte[] file) {
    List<byte[]> packets = packets(file);
    require(
        packets.size() > 2 && ascii(packets.get(0), 8).equals("OpusHead"), "not an Ogg Opus file");
    int channels = packets.get(0)[9] & 0xff;
    List<ClipFrame> frames = new ArrayList<>();
    long ticks = 0;
    for (byte[] packet : packets.subList(2, packets.size())) { // the second is OpusTags
      frames.add(new ClipFrame(ticks, true, packet));
      ticks += durationTicks(packet);
    }
    return new Clip(Codec.OPUS, frames, ticks, 0, 0, channels);
  }

  private static List<byte[]> packets(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> out = new ArrayList<>();
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    while (in.remaining() >= PAGE_HEADER) {
      int page = in.position();
      byte[] magic = new byte[4];
      in.get(magic);
      require(ascii(magic, 4).equals("OggS"), "no page at " + page);
      int segments = in.get(page + PAGE_HEADER - 1) & 0xff;
      byte[] lacing = new byte[segments];
      in.get(page + PAGE_HEADER, lacing);
      in.position(page + PAGE_HEADER + segments);
      for (byte lace : lacing) {
        int length = lace & 0xff;
        require(length <= in.remaining(), "the page at " + page + " is cut off");
        byte[] piece = new byte[length];
        in.get(piece);
        packet.writeBytes(piece);
        if (length < 255) { // a full segment goes on in the next one
          out.add(packet.toByteArray());
          packet.reset();
        }
      }
    }
    return out;
  }

  /** Length of a packet by its TOC byte (RFC 6716, 3.1), in 48 kHz ticks. */
  static long durationTicks(byte[] packet) {
    require(packet.length > 0, "an Opus packet is empty");
    int toc = packet[0] & 0xff;
    int config = toc >> 3;
    int frameTicks;
    if (config < 12) { // SILK: 10, 20, 40, 60 ms
      frameTicks = new int[] {480, 960, 1920, 2880}[config & 3];
    } else if (config < 16) { // hybrid: 10, 20 ms
      frameTicks = (config & 1) == 0 ? 480 : 960;
    } else { // CELT: 2.5, 5, 10, 20 ms
      frameTicks = 120 << (config & 3);
    }
    int frames =
        switch (toc & 3) {
          case 0 -> 1;
          case 1, 2 -> 2;
          default -> {
            require(packet.length > 1, "an Opus packet is cut off");
            yield packet[1] & 0x3f;
          }
        };
    return (long) frameTicks * frames;
  }

  private static String ascii(byte[] bytes, int length) {
    return new String(bytes, 0, Math.min(length, bytes.length), StandardCharsets.US_ASCII);
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
