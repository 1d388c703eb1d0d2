package io.spillway.rtc.codec;

import io.spillway.rtc.Frame;

/**
 * Turns one stream's RTP payloads, in sequence, into frames. Hostile payloads never throw: they are
 * counted and cost at most the frame they belong to. One thread; no allocation per packet once its
 * buffers have grown to the stream's frames.
 */
public sealed interface Depacketizer permits AudioDepacketizer, VideoDepacketizer {
  /** Takes frames; the frame and its bytes are valid during the call only. */
  interface Sink {
    /**
     * A frame; {@link Frame#discontinuity} and {@link Frame#captureUnixNanos} are left to the
     * receiver.
     */
    void frame(Frame frame);
  }

  /**
   * The next payload in sequence, not empty.
   *
   * @param redundant whether the payload has the shape of RFC 2198
   * @param ticks unwrapped RTP timestamp
   */
  void packet(
      byte[] buffer,
      int offset,
      int length,
      boolean redundant,
      long ticks,
      boolean marker,
      long arrivalNanos);

  /** {@code packets} packets before the next one are missing for good. */
  void gap(long packets);

  /** The stream ends or begins anew: delivers what is whole and forgets the rest. */
  void restart();

  /** Whether this payload begins a key frame, as far as it tells. */
  boolean startsKeyFrame(byte[] buffer, int offset, int length);

  /** Whether frames are being left out until a key frame comes. */
  boolean waitsForKeyFrame();

  /** Whether to leave out blank key frames that the SFU makes when a track is closed or muted. */
  void dropBlankFrames(boolean drop);

  /** Frames left out because they were incomplete or undecodable. */
  long framesDropped();

  /** Blank key frames seen, left out or not. */
  long blankFrames();

  /** Payloads that broke the rules of their format. */
  long malformed();

  /** Packets whose content came as redundancy in a later one. */
  long packetsFilled();
}
