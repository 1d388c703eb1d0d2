package io.spillway.rtc.codec;

import io.spillway.core.media.Codec;

/** Makes the depacketizer of a codec. */
public final class Depacketizers {
  private Depacketizers() {}

  /** A depacketizer for one stream of {@code codec}. */
  public static Depacketizer of(Codec codec, Depacketizer.Sink sink) {
    return switch (codec) {
      case OPUS, PCMU, PCMA -> new AudioDepacketizer(codec, sink);
      case VP8 -> new VideoDepacketizer(codec, new Vp8Format(), sink);
      case VP9 -> new VideoDepacketizer(codec, new Vp9Format(), sink);
      case H264 -> new VideoDepacketizer(codec, new H264Format(), sink);
      case H265 -> new VideoDepacketizer(codec, new H265Format(), sink);
      case AV1 -> new VideoDepacketizer(codec, new Av1Format(), sink);
    };
  }

  /** How many earlier frames an RFC 2198 payload carries besides its own. */
  public static int redundancy(byte[] buffer, int offset, int length) {
    return AudioDepacketizer.redundantBlocks(buffer, offset, length);
  }
}
