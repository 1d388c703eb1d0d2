package io.spillway.rtc.rtp;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.codec.Depacketizer;
import io.spillway.rtc.codec.Depacketizers;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One subscribed track: packets in, frames and RTCP out. All calls on the selector thread; none may
 * be made from within {@link Out#frame} but {@link #requestKeyFrame} and {@link #expectKeyFrame}.
 *
 * <p>On the steady path (in sequence, nothing missing) a packet costs no allocation and no copy but
 * that of a video payload into its picture. Work that depends on time is done by {@link #tick}, and
 * by {@link #rtp} itself when it is due: a timer matters only while no packets come.
 *
 * <p>Longer than most files because it is the one place where a stream's beginnings and ends meet
 * all of its parts; each part's own logic lies in a class of its own.
 */
public final class TrackReceiver {
  /** Where frames and reports go, on the calling thread. */
  public interface Out {
    /** A frame, valid during the call only. */
    void frame(Frame frame);

    /** A (compound or reduced-size) RTCP packet with at least 64 bytes of room behind it. */
    void sendRtcp(byte[] buffer, int offset, int length);
  }

  private static final long IDLE_NANOS = 1_000_000_000L;
  private static final long AUDIO_REPORT_NANOS = 2_000_000_000L;
  private static final long VIDEO_REPORT_NANOS = 1_000_000_000L;
  private static final long KEY_FRAME_ARRIVES_NANOS = 400_000_000L;

  /** Packets of the stream before a new SSRC may still come for this long. */
  private static final long RETIRED_NANOS = 2_000_000_000L;

  private final Out out;
  private final boolean video;
  private final PayloadTypes types;
  private final Feedback feedback;
  private final Depacketizer depacketizer;
  private final ReorderBuffer reorder;
  private final SequenceUnwrapper sequences = new SequenceUnwrapper();
  private final TicksUnwrapper ticks;
  private final SenderClock senderClock;
  private final ReceptionReport report;
  private final SentCount sent = new SentCount();
  private final KeyFrameRequests keyFrames = new KeyFrameRequests();
  private final RtpHeader header = new RtpHeader();
  private final RtcpReader reader = new RtcpReader();

  private boolean started;
  private boolean ssrcKnown;
  private int mediaSsrc;
  private boolean hasRetired;
  private int retiredSsrc;
  private long retiredUntilNanos;
  private boolean discontinuity = true;
  private boolean ending;
  private long wantsTickNanos;

  private long expectedBefore;
  private long received;
  private long lost;
  private long recovered;
  private long bytes;
  private long malformed;
  private long duplicates;

  /**
   * A receiver that waits for its first packet.
   *
   * @param codec of the frames that come out
   * @param payloadTypes which packets belong to the track, the others are ignored
   * @param random for its SSRC and canonical name, and to spread reports
   */
  public TrackReceiver(
      Codec codec, List<PayloadType> payloadTypes, RandomGenerator random, Out out) {
    this.out = out;
    video = codec.kind() == Codec.Kind.VIDEO;
    types = new PayloadTypes(payloadTypes);
    feedback = new Feedback(out, random, video ? VIDEO_REPORT_NANOS : AUDIO_REPORT_NANOS);
    depacketizer = Depacketizers.of(codec, this::emit);
    reorder = video ? forVideo() : forAudio();
    ticks = new TicksUnwrapper(codec.clockRate());
    senderClock = new SenderClock(codec.clockRate());
    report = new ReceptionReport(codec.clockRate());
    expectKeyFrame();
  }

  /** 512 packets are ten seconds of Opus; a hole is given up after one. */
  private ReorderBuffer forAudio() {
    return new ReorderBuffer(new Order(), new PacketStock(320, 64), 512, 1_000_000_000L);
  }

  /** 4096 packets are the 1.5 seconds of 25 Mbit/s that a hole may stay open. */
  private ReorderBuffer forVideo() {
    return new ReorderBuffer(new Order(), new PacketStock(1_536, 512), 4_096, 1_500_000_000L);
  }

  /** A decrypted RTP packet; the buffer is the caller's again when this returns. */
  public void rtp(byte[] buffer, int offset, int length, long nowNanos) {
    if (!header.parse(buffer, offset, length)) {
      malformed++;
      return;
    }
    byte kind = types.kind(header.payloadType);
    if (kind == PayloadTypes.RTX) {
      repeated(buffer, nowNanos);
    } else if (kind != PayloadTypes.UNKNOWN || (started && header.ssrc == mediaSsrc)) {
      media(kind, buffer, nowNanos);
    }
    wantsTickNanos = Math.min(wantsTickNanos, Math.min(reorder.dueNanos(), keyFrames.dueNanos()));
    if (nowNanos >= wantsTickNanos) {
      tick(nowNanos);
    }
  }

  private void media(byte kind, byte[] buffer, long nowNanos) {
    if (!isOurs(nowNanos)) {
      return;
    }
    long sequence = started ? sequences.unwrap(header.sequence) : beginStream(buffer, nowNanos);
    boolean tooLate = ending && (sequence > reorder.highest() || sequence < 0);
    if (sequence == SequenceUnwrapper.IGNORED || tooLate) {
      return;
    }
    if (sequence == SequenceUnwrapper.JUMPED) {
      sequence = jump(nowNanos);
    }
    boolean newest = sequence > reorder.highest();
    if (newest && ticks.started() && !ticks.continues(header.timestamp, nowNanos)) {
      newOrigin();
    }
    long unwrapped =
        newest ? ticks.advance(header.timestamp, nowNanos) : ticks.near(header.timestamp);
    // Another payload type on our SSRC (comfort noise, events) holds a number, but no frame.
    int size = kind == PayloadTypes.UNKNOWN ? 0 : header.payloadLength;
    insert(sequence, buffer, header.payloadOffset, size, header.payloadType, unwrapped, nowNanos);
    report.received(header.timestamp, nowNanos, newest && size > 0);
  }

  /** RFC 4588: the payload is the original number and the original payload. */
  private void repeated(byte[] buffer, long nowNanos) {
    // Without payload it is a probe for bandwidth; its SSRC is another one by nature.
    if (!started || header.payloadLength < 2 || header.ssrc == mediaSsrc) {
      return;
    }
    int original = Bytes.unsignedShort(buffer, header.payloadOffset);
    long sequence = sequences.unwrapRepeated(original);
    if (sequence == SequenceUnwrapper.IGNORED || sequence > reorder.highest()) {
      return;
    }
    insert(
        sequence,
        buffer,
        header.payloadOffset + 2,
        header.payloadLength - 2,
        types.associated(header.payloadType),
        ticks.near(header.timestamp),
        nowNanos);
  }

  private void insert(
      long sequence,
      byte[] buffer,
      int offset,
      int length,
      int payloadType,
      long unwrapped,
      long nowNanos) {
    switch (reorder.insert(
        sequence, buffer, offset, length, payloadType, unwrapped, header.marker, nowNanos)) {
      case FIRST -> received++;
      case LATE -> {
        received++;
        report.reachesBackTo(sequence);
      }
      case RECOVERED -> {
        received++;
        recovered++;
      }
      case DUPLICATE -> {
        duplicates++;
        return;
      }
    }
    bytes += length;
    if (depacketizer.waitsForKeyFrame()) {
      keyFrames.expect();
    }
  }

  /** Whether the packet's SSRC is the stream's; a new one begins a new stream. */
  private boolean isOurs(long nowNanos) {
    if (started && header.ssrc == mediaSsrc) {
      return true;
    }
    boolean retired = hasRetired && header.ssrc == retiredSsrc && nowNanos < retiredUntilNanos;
    if (retired || ending) {
      return false;
    }
    if (started) {
      hasRetired = true;
      retiredSsrc = mediaSsrc;
      retiredUntilNanos = nowNanos + RETIRED_NANOS;
      endStream();
    }
    mediaSsrc = header.ssrc;
    ssrcKnown = true;
    return true;
  }

  private long beginStream(byte[] buffer, long nowNanos) {
    started = true;
    sent.restart();
    if (depacketizer.startsKeyFrame(buffer, header.payloadOffset, header.payloadLength)) {
      // The key frame is on its way: asking for one would only burden the publisher.
      keyFrames.postpone(nowNanos + KEY_FRAME_ARRIVES_NANOS);
    }
    return begin(nowNanos);
  }

  private long begin(long nowNanos) {
    long sequence = sequences.start(header.sequence);
    reorder.start(sequence);
    report.start(sequence);
    feedback.start(nowNanos);
    wantsTickNanos = Math.min(wantsTickNanos, feedback.reportNanos());
    return sequence;
  }

  /** Sequence numbers go on elsewhere; so do the ticks only if they fit the time that passed. */
  private long jump(long nowNanos) {
    if (ticks.continues(header.timestamp, nowNanos)) {
      reorder.drain();
    } else {
      newOrigin();
    }
    expectedBefore += report.expected(reorder.highest());
    depacketizer.gap(1);
    return begin(nowNanos);
  }

  /** Delivers what is whole; the ticks that follow count from elsewhere. */
  private void newOrigin() {
    reorder.drain();
    ticks.restart();
    senderClock.restart();
    discontinuity = true;
  }

  private void endStream() {
    if (started) {
      newOrigin();
      expectedBefore += report.expected(reorder.highest());
      depacketizer.restart();
      started = false;
    }
    expectKeyFrame();
  }

  /** A decrypted RTCP packet. */
  public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {
    reader.start(buffer, offset, length);
    while (reader.next()) {
      if (reader.type == RtcpReader.SENDER_REPORT) {
        senderReport(nowNanos);
      } else if (reader.type == RtcpReader.BYE) {
        bye();
      }
    }
    malformed += reader.malformed() ? 1 : 0;
  }

  private void senderReport(long nowNanos) {
    if (reader.bodyLength < 24) {
      return;
    }
    int packets = Bytes.intAt(reader.data, reader.bodyOffset + 16);
    if (!started) {
      sent.reportedBeforeTheFirst(packets);
      return;
    }
    if (Bytes.intAt(reader.data, reader.bodyOffset) != mediaSsrc) {
      return;
    }
    sent.reported(packets, received);
    long ntp = Bytes.longAt(reader.data, reader.bodyOffset + 4);
    int timestamp = Bytes.intAt(reader.data, reader.bodyOffset + 12);
    report.senderReport(ntp, nowNanos);
    senderClock.report(ntp, ticks.near(timestamp));
  }

  private void bye() {
    for (int i = 0; i < reader.count && 4 * i + 4 <= reader.bodyLength; i++) {
      if (started && Bytes.intAt(reader.data, reader.bodyOffset + 4 * i) == mediaSsrc) {
        reorder.drain();
      }
    }
  }

  /**
   * Does what is due (requests for lost packets and key frames, reports, giving up) and returns
   * when it next wants to be called, in absolute monotonic nanoseconds.
   */
  public long tick(long nowNanos) {
    wantsTickNanos = nowNanos + IDLE_NANOS;
    if (!ssrcKnown) {
      return wantsTickNanos;
    }
    if (started) {
      reorder.giveUp(nowNanos);
      feedback.askForMissing(reorder, mediaSsrc, nowNanos);
      feedback.reportIfDue(report, mediaSsrc, reorder.highest(), nowNanos);
      wantsTickNanos = Math.min(feedback.reportNanos(), reorder.dueNanos());
    }
    if (depacketizer.waitsForKeyFrame()) {
      keyFrames.expect();
    }
    if (keyFrames.take(nowNanos, reorder.missing() > 0)) {
      feedback.askForKeyFrame(mediaSsrc);
    }
    wantsTickNanos = Math.min(wantsTickNanos, keyFrames.dueNanos());
    return wantsTickNanos;
  }

  /**
   * When {@link #tick} is next wanted. A packet can make it earlier than the last tick returned,
   * and so can {@link #requestKeyFrame} and {@link #expectKeyFrame}.
   */
  public long wantsTickAtNanos() {
    return wantsTickNanos;
  }

  /**
   * A key frame would be welcome: asks once, at most a few times a second whoever asks, and not
   * while lost packets are being waited for. Goes out with the next {@link #tick}.
   */
  public void requestKeyFrame() {
    if (video) {
      keyFrames.wish();
      wantsTickNanos = Math.min(wantsTickNanos, keyFrames.dueNanos());
    }
  }

  /**
   * A key frame must come: asks with the next {@link #tick} and again, in growing steps from 200
   * ms, until one has come. The receiver does so itself at its start, after a loss and after a
   * restart.
   */
  public void expectKeyFrame() {
    if (video) {
      keyFrames.expect();
      wantsTickNanos = Math.min(wantsTickNanos, keyFrames.dueNanos());
    }
  }

  /** The SSRC that the SDP announced, so that a key frame can be asked for before any packet. */
  public void announcedSsrc(int ssrc) {
    if (!started) {
      mediaSsrc = ssrc;
      ssrcKnown = true;
      wantsTickNanos = Long.MIN_VALUE;
    }
  }

  /** After a re-join: another SSRC, other sequence numbers and other timestamps follow. */
  public void streamRestarted() {
    endStream();
    ssrcKnown = false;
    hasRetired = false;
  }

  /**
   * The end is near, {@link #drain} follows: from now on only what is missing is taken, and asked
   * for as before.
   */
  public void takeOnlyMissing() {
    ending = true;
  }

  /** Packets that are missing and may still come. */
  public int missing() {
    return started ? reorder.missing() : 0;
  }

  /** The end: delivers what is whole and gives up the rest. */
  public void drain() {
    if (started) {
      reorder.drain();
    }
    depacketizer.restart();
    discontinuity = true;
  }

  /**
   * Whether to leave out the tiny key frames that livekit-server makes when a track closes (six) or
   * is muted (thirty). Off at first: then they come as frames of 8x8 (VP8) or 2x2 (H.264) pixels.
   */
  public void dropBlankFrames(boolean drop) {
    depacketizer.dropBlankFrames(drop);
  }

  /** Blank frames seen, left out or not. */
  public long blankFrames() {
    return depacketizer.blankFrames();
  }

  /** Packets and payloads that broke the rules of their format. */
  public long malformed() {
    return malformed + depacketizer.malformed();
  }

  /** Packets that came more than once. */
  public long duplicates() {
    return duplicates;
  }

  /** What came so far; {@code reconnects} is 0. Any thread, may be a moment old. */
  public ReceptionStats stats() {
    long filled = depacketizer.packetsFilled();
    long expected = started ? report.expected(reorder.highest()) : 0;
    return new ReceptionStats(
        expectedBefore + expected,
        received,
        lost - filled,
        recovered + filled,
        feedback.nacks(),
        keyFrames.sent(),
        bytes,
        depacketizer.framesDropped(),
        0,
        sent.unseen());
  }

  /** The round trip measured by ICE, for the timing of requests. */
  public void roundTrip(long nanos) {
    reorder.roundTrip(Math.max(0, Math.min(nanos, IDLE_NANOS)));
  }

  private void emit(Frame frame) {
    frame.discontinuity = discontinuity;
    discontinuity = false;
    frame.captureUnixNanos = senderClock.unixNanosAt(frame.ticks);
    if (video && frame.key) {
      keyFrames.satisfied();
    }
    out.frame(frame);
  }

  /** What the reorder buffer lets out goes to the depacketizer. */
  private final class Order implements ReorderBuffer.Consumer {
    @Override
    public void packet(
        byte[] buffer,
        int offset,
        int length,
        int payloadType,
        long unwrapped,
        boolean marker,
        long arrivalNanos) {
      boolean redundant = types.kind(payloadType) == PayloadTypes.RED;
      depacketizer.packet(buffer, offset, length, redundant, unwrapped, marker, arrivalNanos);
    }

    @Override
    public void lost(long packets) {
      lost += packets;
      depacketizer.gap(packets);
    }

    @Override
    public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
      return depacketizer.startsKeyFrame(buffer, offset, length);
    }

    @Override
    public int redundancy(int payloadType, byte[] buffer, int offset, int length) {
      return types.kind(payloadType) == PayloadTypes.RED
          ? Depacketizers.redundancy(buffer, offset, length)
          : 0;
    }
  }
}
