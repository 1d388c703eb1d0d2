package io.spillway.rtc.codec;

import io.spillway.core.media.Codec;

/** Makes the packetizer of a codec. */
public final class Packetizers {
  /** Largest payload that fits the usual path with SRTP, UDP, IPv6 and a few extensions. */
  public static final int MAX_PAYLOAD_BYTES = 1_200;

  private Packetizers() {}

  /** A packetizer for a stream of {@code codec} with payloads up to {@link #MAX_PAYLOAD_BYTES}. */
  public static Packetizer of(Codec codec) {
    return of(codec, MAX_PAYLOAD_BYTES);
  }

  /** A packetizer with payloads of at most {@code maxPayloadBytes} (64 or more). */
  public static Packetizer of(Codec codec, int maxPayloadBytes) {
    throw new UnsupportedOperationException(codec.mimeType() + maxPayloadBytes);
  }
}
