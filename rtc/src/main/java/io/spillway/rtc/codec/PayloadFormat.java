package io.spillway.rtc.codec;

/** How one video codec lies in RTP payloads. Keeps what it must remember between payloads. */
interface PayloadFormat {
  /** What a picture has become at its end. */
  enum Outcome {
    USABLE,
    /** Nothing to show, nothing lost: parameter sets or metadata alone. */
    EMPTY,
    BROKEN
  }

  /** Whether this can be a picture's first payload. */
  boolean begins(byte[] buffer, int offset, int length);

  /** See {@link Depacketizer#startsKeyFrame}. */
  boolean startsKeyFrame(byte[] buffer, int offset, int length);

  /**
   * Whether the payload, though packets before it are missing, provably begins the picture right
   * after the last whole one (picture ids): only padding was lost then.
   */
  default boolean followsLastPicture(byte[] buffer, int offset, int length) {
    return false;
  }

  /**
   * Whether only the marker ends a picture. Where it doesn't, a new timestamp ends it as well. The
   * SFU can cut a picture short (mute, layer switch) and go on with the next: a format that can't
   * see that from the bytes must insist on the marker.
   */
  boolean needsMarker();

  /** A picture begins. */
  void begin();

  /** Adds a payload to the picture; false when it is malformed or doesn't fit what came before. */
  boolean append(byte[] buffer, int offset, int length, Picture picture);

  /** The picture's last payload is in: completes its bytes, key flag and size. */
  Outcome finish(Picture picture);

  /** A new stream: forget all. */
  void restart();
}
