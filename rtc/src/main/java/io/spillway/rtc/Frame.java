package io.spillway.rtc;

import io.spillway.core.media.Codec;

/**
 * One encoded frame (an Opus packet; a whole picture). A flyweight: the engine reuses the object
 * and its bytes, so that the steady path allocates nothing; both are valid only during {@link
 * TrackEvents#frame}, copy what you keep. One thread (the track's selector thread).
 *
 * <p>Shapes of {@link #data}: Opus: one packet (RED undone, DTX packets as they came). VP8: one
 * frame. VP9: all spatial layers of the picture in one (with superframe index if more than one).
 * H264, H265: NAL units each after its four-byte big-endian length, parameter sets included where
 * the sender sent them. AV1: one temporal unit as OBUs with size fields, without temporal
 * delimiter.
 */
public final class Frame {
  /** The codec, constant for a subscription. */
  public Codec codec = Codec.OPUS;

  /**
   * RTP timestamp unwrapped to 64 bits, in ticks of {@link Codec#clockRate}. Continuous over a
   * reconnect only when {@link #discontinuity} is false.
   */
  public long ticks;

  /**
   * The sender's wall clock at capture (Unix nanoseconds) by its RTCP sender reports; {@code -1}
   * until one has come.
   */
  public long captureUnixNanos = -1;

  /** Monotonic nanoseconds at which the frame's last packet came in. */
  public long arrivalNanos;

  /** Decodable without anything before it. Always true for audio. */
  public boolean key;

  /**
   * Frames before this one are missing or could not be used (loss beyond repair): a video frame
   * after it may not decode until {@link #key}.
   */
  public boolean afterLoss;

  /**
   * The stream began anew (first frame, re-join, new SSRC): {@link #ticks} has a new origin, place
   * the frame by {@link #arrivalNanos}.
   */
  public boolean discontinuity;

  /** Picture size as this frame's own header tells it; 0 where it doesn't (or for audio). */
  public int width;

  /** See {@link #width}. */
  public int height;

  /** Holds the frame at {@link #offset}, {@link #length} bytes long. */
  public byte[] data = new byte[0];

  public int offset;
  public int length;
}
