package io.spillway.rtc.session;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.ice.LocalParameters;
import io.spillway.rtc.ice.PeerTransport;
import io.spillway.rtc.ice.RemoteParameters;
import io.spillway.rtc.net.LoopTimer;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.rtp.TrackReceiver;
import io.spillway.rtc.signal.SdpWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The way of one track's media: the transport of the moment and the receiver that outlives it. Loop
 * thread only, but {@link #stats}.
 *
 * <p>The steady path: transport → {@link Wire#rtp} → receiver → {@link #frame}, on one thread,
 * without allocation. The receiver does what is due with each packet; the timer is for streams that
 * pause.
 */
final class MediaPath implements TrackReceiver.Out {
  /** Hears of the transport, and takes the frames. */
  interface Owner {
    void happened(SessionEvent event);

    void frame(Frame frame);

    /** Something to be logged with whose it is. */
    void noted(Level level, String what);
  }

  /** Candidates that came before the description they belong to. */
  private static final int MAX_EARLY_CANDIDATES = 64;

  /** A tick may be this late: saves a timer's move for most packets. */
  private static final long TICK_SLACK_NANOS = 5_000_000;

  private final Environment environment;
  private final Owner owner;
  private final LoopTimer ticker;
  private final List<String> earlyCandidates = new ArrayList<>();
  private final LastPackets lastPackets;
  private long tickAtNanos = Long.MAX_VALUE;
  private int generation;

  private @Nullable PeerTransport transport;
  private Optional<RemoteParameters> remote = Optional.empty();
  private volatile @Nullable TrackReceiver receiver;
  private volatile ReceptionStats before = ReceptionStats.NONE;
  private List<PayloadType> payloadTypes = List.of();
  private @Nullable Codec codec;

  MediaPath(Environment environment, Owner owner) {
    this.environment = environment;
    this.owner = owner;
    this.ticker = environment.loop().timer(this::tick);
    this.lastPackets =
        new LastPackets(
            environment.loop()::after,
            missing ->
                owner.noted(
                    Level.INFO, // what was lost for good is in the statistics
                    missing + " packets that were asked for did not come: closing without them"));
  }

  /** Opens a socket; what was open before is closed. */
  SdpWriter.Side open(List<InetAddress> towards) throws IOException {
    close();
    PeerTransport opened = environment.transports().open(towards, new Wire(++generation));
    transport = opened;
    TrackReceiver known = receiver;
    if (known != null) {
      known.streamRestarted();
    }
    return side(opened.local());
  }

  /** Our end as descriptions have it. */
  SdpWriter.Side side() {
    PeerTransport open = transport;
    if (open == null) {
      throw new IllegalStateException("no transport is open");
    }
    return side(open.local());
  }

  /** New ICE credentials for a restart. */
  SdpWriter.Side restartedSide() {
    PeerTransport open = transport;
    if (open == null) {
      throw new IllegalStateException("no transport is open");
    }
    return side(open.newLocalParameters());
  }

  private static SdpWriter.Side side(LocalParameters local) {
    return new SdpWriter.Side(
        local.ufrag(), local.password(), local.fingerprint(), "active", local.candidates());
  }

  /** Whether the server's end changed its ICE credentials, which asks us to do so as well. */
  boolean restarts(RemoteParameters described) {
    return remote
        .filter(known ->
            !known.ufrag().equals(described.ufrag())
                || !known.password().equals(described.password()))
        .isPresent();
  }

  /** Takes the server's end: connects, restarts ICE, or learns further candidates. */
  void take(RemoteParameters described) {
    PeerTransport open = transport;
    if (open == null) {
      return;
    }
    if (remote.isEmpty()) {
      open.connect(described);
      earlyCandidates.forEach(open::addRemoteCandidate);
      earlyCandidates.clear();
    } else if (restarts(described)) {
      open.restartIce(described);
    } else {
      described.candidates().forEach(open::addRemoteCandidate);
    }
    remote = Optional.of(described);
  }

  void candidate(String line) {
    PeerTransport open = transport;
    if (open != null && remote.isPresent()) {
      open.addRemoteCandidate(line);
    } else if (earlyCandidates.size() < MAX_EARLY_CANDIDATES) {
      earlyCandidates.add(line);
    }
  }

  /** Makes the receiver, or keeps the one that is there when it fits. */
  void expect(Codec wanted, List<PayloadType> types) {
    TrackReceiver known = receiver;
    if (known != null && wanted == codec && types.equals(payloadTypes)) {
      return;
    }
    before = stats();
    codec = wanted;
    payloadTypes = List.copyOf(types);
    receiver = new TrackReceiver(wanted, types, environment.random(), this);
    // The SFU paints a tiny black picture when a track mutes or closes; a recording holds the last
    // one instead.
    receiver.dropBlankFrames(true);
    tickSoon();
  }

  /** The same receiver gets another stream: a track published anew. */
  void streamRestarted() {
    TrackReceiver known = receiver;
    if (known != null) {
      known.streamRestarted();
    }
  }

  void expectKeyFrame() {
    TrackReceiver known = receiver;
    if (known != null && codec != null && codec.kind() == Codec.Kind.VIDEO) {
      known.expectKeyFrame();
      tickSoon();
    }
  }

  void requestKeyFrame() {
    TrackReceiver known = receiver;
    if (known != null && codec != null && codec.kind() == Codec.Kind.VIDEO) {
      known.requestKeyFrame();
      tickSoon();
    }
  }

  /** Runs {@code close} as soon as no packet is worth waiting for: at once if none is missing. */
  void whenWhole(Runnable close) {
    TrackReceiver known = receiver;
    if (known == null || transport == null) {
      close.run();
    } else {
      lastPackets.await(known, close);
    }
  }

  /** Gives out the frames that are whole and gives up the rest. */
  void drain() {
    TrackReceiver known = receiver;
    if (known != null) {
      known.drain();
    }
  }

  /** Closes the transport; the receiver stays for the next. */
  void close() {
    PeerTransport open = transport;
    transport = null;
    generation++;
    remote = Optional.empty();
    earlyCandidates.clear();
    ticker.cancel();
    tickAtNanos = Long.MAX_VALUE;
    if (open != null) {
      open.close();
    }
  }

  /** Over all receivers of the subscription; {@code reconnects} is 0. Any thread. */
  ReceptionStats stats() {
    TrackReceiver known = receiver;
    return known == null ? before : before.plus(known.stats());
  }

  private void tick() {
    tickAtNanos = Long.MAX_VALUE;
    TrackReceiver known = receiver;
    PeerTransport open = transport;
    if (known == null || open == null) {
      return;
    }
    long roundTripNanos = open.roundTripNanos();
    if (roundTripNanos > 0) {
      known.roundTrip(roundTripNanos);
    }
    schedule(known.tick(environment.time().nanos()));
  }

  private void tickSoon() {
    schedule(environment.time().nanos());
  }

  private void schedule(long atNanos) {
    tickAtNanos = atNanos;
    ticker.schedule(atNanos);
  }

  /** Hears of one transport; one that was replaced is not listened to any more. */
  private final class Wire implements PeerTransport.Listener {
    private final int mine;

    Wire(int mine) {
      this.mine = mine;
    }

    @Override
    public void connected() {
      if (mine == generation) {
        tickSoon();
        owner.happened(new SessionEvent.TransportUp());
      }
    }

    @Override
    public void interrupted() {
      if (mine == generation) {
        owner.happened(new SessionEvent.TransportInterrupted());
      }
    }

    @Override
    public void recovered() {
      if (mine == generation) {
        owner.happened(new SessionEvent.TransportRecovered());
      }
    }

    @Override
    public void failed(String why) {
      if (mine == generation) {
        owner.happened(new SessionEvent.TransportFailed(why));
      }
    }

    @Override
    public void unreadable(String why) {
      owner.noted(Level.WARN, why);
    }

    @Override
    public void rtp(byte[] buffer, int offset, int length, long nowNanos) {
      TrackReceiver known = receiver;
      if (known != null && mine == generation) {
        known.rtp(buffer, offset, length, nowNanos);
        tickBy(known.wantsTickAtNanos());
        lastPackets.came(known);
      }
    }

    @Override
    public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {
      TrackReceiver known = receiver;
      if (known != null && mine == generation) {
        known.rtcp(buffer, offset, length, nowNanos);
      }
    }
  }

  private void tickBy(long wantedNanos) {
    if (wantedNanos < tickAtNanos - TICK_SLACK_NANOS && transport != null) {
      schedule(wantedNanos);
    }
  }

  // The receiver

  @Override
  public void frame(Frame frame) {
    owner.frame(frame);
  }

  @Override
  public void sendRtcp(byte[] buffer, int offset, int length) {
    PeerTransport open = transport;
    if (open != null) {
      open.sendRtcp(buffer, offset, length);
    }
  }
}
