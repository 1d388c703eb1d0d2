package io.spillway.media.track;

import io.spillway.core.media.Codec;
import java.util.Locale;

/** The container formats a track is copied into. */
public enum Container {
  OGG("ogg", "audio/ogg"),
  WEBM("webm", "video/webm"),
  MP4("mp4", "video/mp4");

  private final String extension;
  private final String mimeType;

  Container(String extension, String mimeType) {
    this.extension = extension;
    this.mimeType = mimeType;
  }

  /** Without the dot. */
  public String extension() {
    return extension;
  }

  /** For the upload's content type. */
  public String mimeType() {
    return mimeType;
  }

  /** Where a codec goes if nobody says otherwise (FEATURES 1.5; AV1 into WebM). */
  public static Container of(Codec codec) {
    return switch (codec) {
      case OPUS, PCMU, PCMA -> OGG;
      case VP8, VP9, AV1 -> WEBM;
      case H264, H265 -> MP4;
    };
  }

  /** As {@link #of(Codec)}, but AV1 goes into MP4 where the file's name asks for it. */
  public static Container of(Codec codec, String fileName) {
    boolean mp4 = fileName.toLowerCase(Locale.ROOT).endsWith(".mp4");
    return codec == Codec.AV1 && mp4 ? MP4 : of(codec);
  }
}
