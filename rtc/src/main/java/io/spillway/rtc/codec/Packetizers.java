package io.spillway.rtc.codec;

import io.spillway.core.media.Codec;

/** Makes the packetizer of a codec. */
public final class Packetizers {
  /** Largest payload that fits the usual path with SRTP, UDP, IPv6 and a few extensions. */
  public static final int MAX_PAYLOAD_BYTES = 1_200;

  private static final int MIN_PAYLOAD_BYTES = 64;

  private Packetizers() {}

  /** A packetizer for a stream of {@code codec} with payloads up to {@link #MAX_PAYLOAD_BYTES}. */
  public static Packetizer of(Codec codec) {
    return of(codec, MAX_PAYLOAD_BYTES);
  }

  /** A packetizer with payloads of at most {@code maxPayloadBytes} (64 or more; sound: any). */
  public static Packetizer of(Codec codec, int maxPayloadBytes) {
    if (maxPayloadBytes < MIN_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "payloads of " + maxPayloadBytes + " bytes are too small for " + codec.mimeType());
    }
    return switch (codec) {
      case OPUS, PCMU, PCMA -> Packetizers::whole;
      case VP8 -> new VpxPacketizer(false, maxPayloadBytes);
      case VP9 -> new VpxPacketizer(true, maxPayloadBytes);
      case H264 -> new NalPacketizer(false, maxPayloadBytes);
      case H265 -> new NalPacketizer(true, maxPayloadBytes);
      case AV1 -> new Av1Packetizer(maxPayloadBytes);
    };
  }

  /** Sound: a frame is a payload. Browsers set the marker only after silence; so it stays off. */
  private static int whole(
      byte[] frame, int offset, int length, boolean key, Packetizer.Sink sink) {
    if (length == 0) {
      return 0;
    }
    sink.payload(frame, offset, length, false);
    return 1;
  }
}
