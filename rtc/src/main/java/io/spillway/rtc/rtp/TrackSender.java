package io.spillway.rtc.rtp;

import io.spillway.core.media.Codec;
import java.util.random.RandomGenerator;

/** One published track. All calls on the selector thread. */
public final class TrackSender {
  /**
   * What the SDP agreed on.
   *
   * @param rtxPayloadType -1: lost packets are sent again as they were
   * @param rtxSsrc ignored without RTX
   */
  public record Settings(
      Codec codec, int payloadType, int ssrc, int rtxPayloadType, int rtxSsrc, String cname) {}

  /** Where packets go, on the calling thread; each buffer has at least 64 bytes of room behind. */
  public interface Out {
    /** A whole RTP packet. */
    void sendRtp(byte[] buffer, int offset, int length);

    /** A compound RTCP packet. */
    void sendRtcp(byte[] buffer, int offset, int length);

    /** The receiver asked for a key frame (PLI or FIR). */
    void keyFrameWanted();
  }

  public TrackSender(Settings settings, RandomGenerator random, Out out) {}

  /**
   * Sends one frame in the shape that {@link io.spillway.rtc.Frame} documents.
   *
   * @param ticks media time in the codec's clock; its origin is free
   * @return packets sent
   */
  public int frame(byte[] data, int offset, int length, boolean key, long ticks, long nowNanos) {
    return 0;
  }

  /** A decrypted RTCP packet: answers NACK, passes PLI and FIR on. */
  public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {}

  /** Sends a report when due; returns when it next wants to be called (absolute nanoseconds). */
  public long tick(long nowNanos, long unixNanos) {
    return nowNanos + 1_000_000_000L;
  }

  /** The stream's end: BYE. */
  public void close() {}

  /** What was sent so far. Any thread, may be a moment old. */
  public SendStats stats() {
    return new SendStats(0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Counters of a sender.
   *
   * @param packetsResent answers to NACK
   * @param nacksUnanswered asked for, but out of the history or sent often enough
   * @param lostByPeer cumulative loss in the receiver's last report
   * @param roundTripNanos by the receiver's last report, 0 until known
   */
  public record SendStats(
      long frames,
      long packets,
      long bytes,
      long packetsResent,
      long nacksUnanswered,
      long keyFramesWanted,
      long lostByPeer,
      long roundTripNanos) {}
}
