package io.spillway.rtc;

import io.spillway.rtc.rtp.TrackSender.SendStats;

/** Tracks being published. Thread-safe; tracks are named by their place in the request. */
public interface Publication extends AutoCloseable {
  /**
   * Sends a frame in the shape that {@link Frame#data} documents. The bytes are copied. A frame
   * before {@link PublicationEvents#published} or on an ended or unpublished track is dropped.
   *
   * @param key whether it decodes alone
   * @param ticks media time in the codec's clock
   */
  void writeFrame(int track, byte[] data, int offset, int length, boolean key, long ticks);

  /** Tells the room that the track is muted or not; the caller stops and goes on writing. */
  void mute(int track, boolean muted);

  /** Takes one track back; the others go on. */
  void unpublish(int track);

  /** Counters of one track. */
  SendStats stats(int track);

  /** Leaves the room. Returns at once. */
  @Override
  void close();
}
