package io.spillway.rtc.rtp;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import io.spillway.rtc.ReceptionStats;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** One subscribed track. All calls on the selector thread. */
public final class TrackReceiver {
  /** What a payload type number carries. */
  public enum Kind {
    MEDIA,
    RED,
    RTX
  }

  /**
   * One payload type of the answered SDP.
   *
   * @param number 0 to 127
   * @param associated for RTX: the payload type it repeats ({@code apt}); else the number itself
   * @param fmtp the parameters of its {@code a=fmtp} line, by lower-case name
   */
  public record PayloadType(
      int number, Codec codec, Kind kind, int associated, Map<String, String> fmtp) {}

  /** Where frames and reports go, on the calling thread. */
  public interface Out {
    /** A frame, valid during the call only. */
    void frame(Frame frame);

    /** A (compound or reduced-size) RTCP packet with at least 64 bytes of room behind it. */
    void sendRtcp(byte[] buffer, int offset, int length);
  }

  public TrackReceiver(
      Codec codec, List<PayloadType> payloadTypes, RandomGenerator random, Out out) {}

  /** A decrypted RTP packet; the buffer is the caller's again when this returns. */
  public void rtp(byte[] buffer, int offset, int length, long nowNanos) {}

  /** A decrypted RTCP packet. */
  public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {}

  /**
   * Does what is due and returns when it next wants to be called (absolute, monotonic nanoseconds).
   */
  public long tick(long nowNanos) {
    return nowNanos + 1_000_000_000L;
  }

  /**
   * When {@link #tick} is next wanted; may be earlier than what the last tick returned, after a
   * packet. {@link #rtp} itself does what is due, so a timer is needed only for streams that pause.
   */
  public long wantsTickAtNanos() {
    return 0;
  }

  /** Asks for a key frame once, at most a few times a second whoever asks. */
  public void requestKeyFrame() {}

  /** Asks for a key frame at once and again, in growing steps, until one comes. */
  public void expectKeyFrame() {}

  /** After a re-join: a new SSRC, new sequence numbers, new timestamps follow. */
  public void streamRestarted() {}

  /** The end: delivers what is whole and gives up the rest. */
  public void drain() {}

  /** Whether to leave out the tiny key frames that livekit-server makes when a track closes. */
  public void dropBlankFrames(boolean drop) {}

  /** What came so far; {@code reconnects} is 0. Any thread, may be a moment old. */
  public ReceptionStats stats() {
    return new ReceptionStats(0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** The round trip measured by ICE or RTCP, for the timing of NACKs. */
  public void roundTrip(long nanos) {}
}
