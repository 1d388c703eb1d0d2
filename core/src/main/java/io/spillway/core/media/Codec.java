package io.spillway.core.media;

import java.util.Locale;
import java.util.Optional;

/**
 * The codecs a LiveKit room carries, with their RTP clock rates (RFC 7587, 3551, 7741, 9628, 6184,
 * 7798; AV1 RTP specification).
 */
public enum Codec {
  OPUS(Kind.AUDIO, "audio/opus", 48_000),
  PCMU(Kind.AUDIO, "audio/pcmu", 8_000),
  PCMA(Kind.AUDIO, "audio/pcma", 8_000),
  VP8(Kind.VIDEO, "video/vp8", 90_000),
  VP9(Kind.VIDEO, "video/vp9", 90_000),
  H264(Kind.VIDEO, "video/h264", 90_000),
  H265(Kind.VIDEO, "video/h265", 90_000),
  AV1(Kind.VIDEO, "video/av1", 90_000);

  /** Sound or picture. */
  public enum Kind {
    AUDIO,
    VIDEO
  }

  private final Kind kind;
  private final String mimeType;
  private final int clockRate;

  Codec(Kind kind, String mimeType, int clockRate) {
    this.kind = kind;
    this.mimeType = mimeType;
    this.clockRate = clockRate;
  }

  /** Sound or picture. */
  public Kind kind() {
    return kind;
  }

  /** As LiveKit's TrackInfo.mime_type has it, in lower case. */
  public String mimeType() {
    return mimeType;
  }

  /**
   * Whether files take its frames as they are. No container of ours holds G.711: it has to be
   * encoded anew.
   */
  public boolean isCopied() {
    return this != PCMU && this != PCMA;
  }

  /** Ticks per second of the RTP timestamp. */
  public int clockRate() {
    return clockRate;
  }

  /**
   * The codec of a LiveKit mime type, whatever its case. {@code audio/red} is Opus: the redundancy
   * is undone on receipt (RFC 2198).
   */
  public static Optional<Codec> ofMimeType(String mimeType) {
    String wanted = mimeType.toLowerCase(Locale.ROOT);
    if (wanted.equals("audio/red")) {
      return Optional.of(OPUS);
    }
    for (Codec codec : values()) {
      if (codec.mimeType.equals(wanted)) {
        return Optional.of(codec);
      }
    }
    return Optional.empty();
  }
}
