package io.spillway.app.clip;

import io.spillway.app.clip.Clip.ClipFrame;
import io.spillway.core.media.Codec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * IVF, the frame container of libvpx and SVT-AV1: a 32-byte header (signature DKIF, FourCC, size,
 * time base), then frames of a 12-byte header (length, 64-bit timestamp) and data, all
 * little-endian.
 */
final class IvfReader {
  private static final int FRAME_HEADER = 12;

  private IvfReader() {}

  static Clip read(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    require(file.length >= 32 && ascii(in, 0).equals("DKIF"), "not an IVF file");
    Codec codec =
        switch (ascii(in, 8)) {
          case "VP80" -> Codec.VP8;
          case "VP90" -> Codec.VP9;
          case "AV01" -> Codec.AV1;
          default -> throw new IllegalArgumentException("unknown FourCC " + ascii(in, 8));
        };
    int width = Short.toUnsignedInt(in.getShort(12));
    int height = Short.toUnsignedInt(in.getShort(14));
    long rate = Integer.toUnsignedLong(in.getInt(16));
    long scale = Integer.toUnsignedLong(in.getInt(20));
    require(rate > 0 && scale > 0, "no time base");
    in.position(Short.toUnsignedInt(in.getShort(6)));
    List<ClipFrame> frames = new ArrayList<>();
    long last = 0;
    long step = codec.clockRate() * scale / rate;
    while (in.remaining() >= FRAME_HEADER) {
      int length = in.getInt();
      long stamp = in.getLong();
      require(length >= 0 && length <= in.remaining(), "a frame is cut off");
      byte[] data = new byte[length];
      in.get(data);
      long ticks = stamp * codec.clockRate() * scale / rate;
      if (!frames.isEmpty()) {
        step = ticks - last;
      }
      last = ticks;
      frames.add(new ClipFrame(ticks, isKey(codec, data), withoutDelimiter(codec, data)));
    }
    return new Clip(codec, frames, last + Math.max(1, step), width, height, 0);
  }

  // VP8: RFC 6386 9.1, the lowest bit is 0. VP9: bitstream 6.2, frame_marker 2 bits, profile 2,
  // show_existing 1, frame_type 1 (0: key); profile 3 has one bit more. AV1: a sequence header OBU
  // is sent with each key frame.
  private static boolean isKey(Codec codec, byte[] data) {
    if (data.length == 0) {
      return false;
    }
    int first = data[0] & 0xff;
    return switch (codec) {
      case VP8 -> (first & 1) == 0;
      case VP9 -> {
        boolean profile3 = (first & 0x30) == 0x30;
        int bits = profile3 ? first << 1 : first;
        yield (bits & 0x08) == 0 && (bits & 0x04) == 0;
      }
      case AV1 -> hasSequenceHeader(data);
      case OPUS, PCMU, PCMA, H264, H265 -> true;
    };
  }

  private static final int OBU_SEQUENCE_HEADER = 1;
  private static final int OBU_TEMPORAL_DELIMITER = 2;

  private static boolean hasSequenceHeader(byte[] unit) {
    for (int at = 0; at < unit.length; at = obuEnd(unit, at)) {
      if (obuType(unit, at) == OBU_SEQUENCE_HEADER) {
        return true;
      }
    }
    return false;
  }

  // RTP carries no temporal delimiters (AV1 RTP specification, 5).
  private static byte[] withoutDelimiter(Codec codec, byte[] unit) {
    if (codec != Codec.AV1 || unit.length < 2 || obuType(unit, 0) != OBU_TEMPORAL_DELIMITER) {
      return unit;
    }
    int end = obuEnd(unit, 0);
    return Arrays.copyOfRange(unit, end, unit.length);
  }

  private static int obuType(byte[] unit, int at) {
    return unit[at] >> 3 & 0x0f;
  }

  // AV1 5.3: header, optional extension byte, leb128 size.
  private static int obuEnd(byte[] unit, int at) {
    boolean extended = (unit[at] & 0x04) != 0;
    require((unit[at] & 0x02) != 0, "an AV1 OBU has no size");
    int position = at + (extended ? 2 : 1);
    long size = 0;
    for (int shift = 0; shift < 56; shift += 7) {
      int piece = unit[position++];
      size |= (long) (piece & 0x7f) << shift;
      if ((piece & 0x80) == 0) {
        break;
      }
    }
    require(size <= unit.length - position, "an AV1 OBU is cut off");
    return position + (int) size;
  }

  private static String ascii(ByteBuffer in, int at) {
    byte[] four = new byte[4];
    in.get(at, four);
    return new String(four, StandardCharsets.US_ASCII);
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
