package io.spillway.rtc.codec;

import io.spillway.core.media.Codec;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Frames with the headers of real encoders (libx264, x265, libvpx, SVT-AV1, all at 322x182) and
 * random bodies, in the shapes that {@link io.spillway.rtc.Frame} documents.
 */
public final class SampleFrames {
  public static final int WIDTH = 322;
  public static final int HEIGHT = 182;

  public static final byte[] H264_SPS = hex("6764000cacd941519e226c0440000003004000000503c50a6580");
  public static final byte[] H264_BASELINE_SPS =
      hex("6742c00bd901519e226c0440000003004000000503c50a92");
  public static final byte[] H264_PPS = hex("68ebe3cb22c0");
  public static final byte[] H265_VPS = hex("40010c01ffff01600000030090000003000003003c959809");
  public static final byte[] H265_SPS =
      hex("42010101600000030090000003000003003ca00a480b9c9596566924caf0168080000003008000000504");
  public static final byte[] H265_PPS = hex("4401c172b46240");
  public static final byte[] AV1_SEQUENCE = hex("0a0b000000043d06d46af98040");
  public static final byte[] VP8_KEY = hex("3059009d012a4201b600000708858588858488020203117c");
  public static final byte[] VP8_DELTA = hex("7108000910ac001e9a");
  public static final byte[] VP9_KEY = hex("824983420014100b560838241c184a0006607fd1fa3c77");
  public static final byte[] VP9_DELTA = hex("860040929c20500000176807ddf8fb47ec");

  private SampleFrames() {}

  /** Bytes from hexadecimal digits. */
  public static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  /** A frame with about {@code size} bytes of random body. */
  public static byte[] frame(Codec codec, boolean key, int size, RandomGenerator random) {
    byte[] body = new byte[size];
    random.nextBytes(body);
    return switch (codec) {
      case OPUS, PCMU, PCMA -> body;
      case VP8 -> join(key ? VP8_KEY : VP8_DELTA, body);
      case VP9 -> join(key ? VP9_KEY : VP9_DELTA, body);
      case H264 ->
          key
              ? join(unit(H264_SPS), unit(H264_PPS), unit(join(hex("6588"), body)))
              : unit(join(hex("419a"), body));
      case H265 ->
          key
              ? join(
                  unit(H265_VPS), unit(H265_SPS), unit(H265_PPS), unit(join(hex("2801af"), body)))
              : unit(join(hex("0201d0"), body));
      case AV1 -> key ? join(AV1_SEQUENCE, obu(join(hex("14"), body))) : obu(join(hex("30"), body));
    };
  }

  /** A NAL unit after its length. */
  public static byte[] unit(byte[] nal) {
    int n = nal.length;
    return join(new byte[] {(byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n}, nal);
  }

  private static byte[] obu(byte[] body) {
    byte[] head = new byte[1 + Leb128.size(body.length)];
    head[0] = 0x32;
    Leb128.write(body.length, head, 1);
    return join(head, body);
  }

  /** All parts after each other. */
  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
