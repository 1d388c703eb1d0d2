package io.spillway.rtc.rtp;

import io.spillway.core.media.Codec;
import io.spillway.rtc.codec.Packetizer;
import io.spillway.rtc.codec.Packetizers;
import java.util.random.RandomGenerator;

/**
 * One published track: frames in, RTP packets and sender reports out; answers NACK from a bounded
 * history and passes requests for key frames on. All calls on the selector thread.
 */
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

  /**
   * Counters of a sender.
   *
   * @param bytes payload bytes, repetitions not counted
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

  private static final long REPORT_NANOS = 1_000_000_000L;
  private static final int ROOM_BEHIND = 64;
  private static final int VIDEO_HISTORY = 1_024;
  private static final int AUDIO_HISTORY = 128;

  private final Settings settings;
  private final Out out;
  private final Packetizer packetizer;
  private final Packetizer.Sink payloads = this::send;
  private final boolean video;
  private final PacketHistory history;
  private final RtcpReader reader = new RtcpReader();
  private final RtcpWriter writer = new RtcpWriter();
  private final byte[] packet =
      new byte[RtpHeader.FIXED_BYTES + 2 + Packetizers.MAX_PAYLOAD_BYTES * 2 + ROOM_BEHIND];
  private final byte[] resent = new byte[packet.length];
  private final int timestampOffset;
  private int sequence;
  private int rtxSequence;
  private boolean started;
  private boolean afterSilence = true;
  private int timestamp;
  private long frameNanos;
  private long reportNanos;
  private long lastReportNtp;
  private long lastReportNanos;

  private long frames;
  private long packets;
  private long bytes;
  private long packetsResent;
  private long nacksUnanswered;
  private long keyFramesWanted;
  private long lostByPeer;
  private long roundTripNanos;

  /** A sender that has sent nothing yet; sequence and timestamp begin at random (RFC 3550 5.1). */
  public TrackSender(Settings settings, RandomGenerator random, Out out) {
    this.settings = settings;
    this.out = out;
    packetizer = Packetizers.of(settings.codec());
    video = settings.codec().kind() == Codec.Kind.VIDEO;
    history = new PacketHistory(video ? VIDEO_HISTORY : AUDIO_HISTORY);
    timestampOffset = random.nextInt();
    // In the lower half: a receiver that misses the first packets can't mistake the wrap (RFC
    // 3711).
    sequence = random.nextInt(1 << 15);
    rtxSequence = random.nextInt(1 << 15);
  }

  /**
   * Sends one frame in the shape that {@link io.spillway.rtc.Frame} documents.
   *
   * @param ticks media time in the codec's clock; its origin is free
   * @return packets sent; 0 when the frame doesn't have its codec's shape
   */
  public int frame(byte[] data, int offset, int length, boolean key, long ticks, long nowNanos) {
    if (!video && length > 2 * Packetizers.MAX_PAYLOAD_BYTES) {
      return 0; // no audio frame is that large (RFC 6716: 1275 bytes)
    }
    timestamp = (int) ticks + timestampOffset;
    frameNanos = nowNanos;
    int sent = packetizer.packetize(data, offset, length, key, payloads);
    if (sent > 0) {
      frames++;
      started = true;
      afterSilence = false;
    }
    return sent;
  }

  private void send(byte[] payload, int offset, int length, boolean last) {
    // Video: the frame's end. Audio: the first packet after silence (RFC 3551 4.1).
    boolean marker = video ? last : afterSilence;
    packet[0] = (byte) 0x80;
    packet[1] = (byte) (settings.payloadType() | (marker ? 0x80 : 0));
    Bytes.putShort(packet, 2, sequence);
    Bytes.putInt(packet, 4, timestamp);
    Bytes.putInt(packet, 8, settings.ssrc());
    System.arraycopy(payload, offset, packet, RtpHeader.FIXED_BYTES, length);
    int size = RtpHeader.FIXED_BYTES + length;
    history.keep(sequence, packet, size);
    sequence = (sequence + 1) & 0xffff;
    packets++;
    bytes += length;
    out.sendRtp(packet, 0, size);
  }

  /** A decrypted RTCP packet: answers NACK, passes PLI and FIR on, reads the receiver's report. */
  public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {
    reader.start(buffer, offset, length);
    while (reader.next()) {
      if (reader.type == RtcpReader.TRANSPORT_FEEDBACK && reader.count == RtcpReader.NACK) {
        answer(nowNanos);
      } else if (reader.type == RtcpReader.PAYLOAD_FEEDBACK) {
        keyFrameFeedback();
      } else if (reader.type == RtcpReader.RECEIVER_REPORT) {
        readBlocks(4, nowNanos);
      } else if (reader.type == RtcpReader.SENDER_REPORT) {
        readBlocks(24, nowNanos);
      }
    }
  }

  private void answer(long nowNanos) {
    if (!isForUs()) {
      return;
    }
    for (int at = 8; at + 4 <= reader.bodyLength; at += 4) {
      int fields = Bytes.intAt(reader.data, reader.bodyOffset + at);
      int first = fields >>> 16;
      resend(first, nowNanos);
      for (int bit = 0; bit < 16; bit++) {
        if ((fields >> bit & 1) != 0) {
          resend((first + bit + 1) & 0xffff, nowNanos);
        }
      }
    }
  }

  private void resend(int wanted, long nowNanos) {
    int size = history.take(wanted, resent, nowNanos);
    if (size == 0) {
      nacksUnanswered++;
      return;
    }
    packetsResent++;
    if (settings.rtxPayloadType() >= 0) {
      int payload = size - RtpHeader.FIXED_BYTES;
      System.arraycopy(resent, RtpHeader.FIXED_BYTES, resent, RtpHeader.FIXED_BYTES + 2, payload);
      Bytes.putShort(resent, RtpHeader.FIXED_BYTES, wanted);
      resent[1] = (byte) ((resent[1] & 0x80) | settings.rtxPayloadType());
      Bytes.putShort(resent, 2, rtxSequence);
      Bytes.putInt(resent, 8, settings.rtxSsrc());
      rtxSequence = (rtxSequence + 1) & 0xffff;
      size += 2;
    }
    out.sendRtp(resent, 0, size);
  }

  private void keyFrameFeedback() {
    boolean pictureLoss = reader.count == RtcpReader.PICTURE_LOSS && isForUs();
    // FIR names its streams in entries of eight bytes behind the header (RFC 5104 4.3.1).
    boolean fullIntra = reader.count == RtcpReader.FULL_INTRA && isNamedInEntries();
    if (pictureLoss || fullIntra) {
      keyFramesWanted++;
      out.keyFrameWanted();
    }
  }

  private boolean isForUs() {
    return reader.bodyLength >= 8
        && Bytes.intAt(reader.data, reader.bodyOffset + 4) == settings.ssrc();
  }

  private boolean isNamedInEntries() {
    for (int at = 8; at + 8 <= reader.bodyLength; at += 8) {
      if (Bytes.intAt(reader.data, reader.bodyOffset + at) == settings.ssrc()) {
        return true;
      }
    }
    return false;
  }

  private void readBlocks(int from, long nowNanos) {
    for (int i = 0; i < reader.count && from + 24 * i + 24 <= reader.bodyLength; i++) {
      int at = reader.bodyOffset + from + 24 * i;
      if (Bytes.intAt(reader.data, at) != settings.ssrc()) {
        continue;
      }
      // 24 bits with sign.
      int lostBits = Bytes.intAt(reader.data, at + 4) << 8;
      lostByPeer = lostBits >> 8;
      int echo = Bytes.intAt(reader.data, at + 16);
      if (echo != 0 && echo == (int) (lastReportNtp >> 16)) {
        long delay = Bytes.unsignedInt(reader.data, at + 20) * 1_000_000_000L / 65_536;
        roundTripNanos = Math.max(0, nowNanos - lastReportNanos - delay);
      }
    }
  }

  /**
   * Sends a report when due; returns when it next wants to be called (absolute nanoseconds).
   *
   * @param unixNanos the wall clock at {@code nowNanos}
   */
  public long tick(long nowNanos, long unixNanos) {
    if (!started) {
      return nowNanos + REPORT_NANOS;
    }
    if (nowNanos >= reportNanos || reportNanos == 0) {
      reportNanos = nowNanos + REPORT_NANOS;
      lastReportNtp = SenderClock.ntp(unixNanos);
      lastReportNanos = nowNanos;
      long passed = (nowNanos - frameNanos) / 1_000 * settings.codec().clockRate() / 1_000_000;
      writer.start();
      writer.senderReport(settings.ssrc(), lastReportNtp, timestamp + (int) passed, packets, bytes);
      writer.canonicalName(settings.ssrc(), settings.cname());
      out.sendRtcp(writer.buffer(), 0, writer.length());
    }
    return reportNanos;
  }

  /** The stream's end: BYE in a compound packet. */
  public void close() {
    writer.start();
    writer.emptyReceiverReport(settings.ssrc());
    writer.canonicalName(settings.ssrc(), settings.cname());
    writer.bye(settings.ssrc());
    out.sendRtcp(writer.buffer(), 0, writer.length());
  }

  /** What was sent so far. Any thread, may be a moment old. */
  public SendStats stats() {
    return new SendStats(
        frames,
        packets,
        bytes,
        packetsResent,
        nacksUnanswered,
        keyFramesWanted,
        lostByPeer,
        roundTripNanos);
  }
}
