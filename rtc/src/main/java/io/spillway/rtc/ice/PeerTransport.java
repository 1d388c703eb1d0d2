package io.spillway.rtc.ice;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.dtls.DtlsIdentity;
import io.spillway.rtc.dtls.DtlsSession;
import io.spillway.rtc.net.Counter;
import io.spillway.rtc.net.LoopTimer;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.net.UdpPorts;
import io.spillway.rtc.net.UdpSocket;
import io.spillway.rtc.srtp.SrtpInbound;
import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpOutbound;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket to one peer: ICE, then DTLS, then SRTP in both directions.
 *
 * <p>Everything happens on the loop's thread, but for the DTLS handshake, whose arithmetic takes
 * milliseconds and runs on a virtual thread. Public methods may be called on any thread unless they
 * say otherwise; they hand over to the loop and return. The packet path takes no lock and allocates
 * nothing but what the JDK's cipher needs for large packets under GCM.
 *
 * <p>The file is long because it is the one place where the three protocols meet: each of them
 * stands by itself in its own classes.
 */
public final class PeerTransport {
  /** Told on the loop thread; nothing after {@link #close} has reached the loop. */
  public interface Listener {
    /** DTLS is done, keys are in place. Once. */
    void connected();

    /** A decrypted RTP packet; the buffer is valid during the call only. */
    void rtp(byte[] buffer, int offset, int length, long nowNanos);

    /** A decrypted RTCP compound packet; the buffer is valid during the call only. */
    void rtcp(byte[] buffer, int offset, int length, long nowNanos);

    /** The peer hasn't answered for 5 s: signalling may want an ICE restart. */
    void interrupted();

    /** The peer answers again after {@link #interrupted}, or an ICE restart found its path. */
    default void recovered() {}

    /**
     * The listener itself threw on a packet, which is dropped. Told of the first one only, to be
     * logged with whose it is.
     */
    void unreadable(String why);

    /** Never connected in time, or DTLS failed or was closed. Once; {@link #close} it. */
    void failed(String why);
  }

  private static final Logger LOG = LoggerFactory.getLogger(PeerTransport.class);

  private final SelectorLoop loop;
  private final DtlsIdentity identity;
  private final TimeSource time;
  private final RandomGenerator random;
  private final List<SrtpProfile> profiles;
  private final Listener listener;
  private final List<String> candidates;
  private final UdpSocket socket;
  private final IceAgent agent;
  private final LoopTimer timer;
  private final EarlyPackets early = new EarlyPackets();
  private final Counter rtpPackets = new Counter();
  private final Counter rtcpPackets = new Counter();
  private final Counter replayed = new Counter();
  private final Counter notAuthentic = new Counter();
  private final Counter malformed = new Counter();
  private final Counter sendDropped = new Counter();
  private volatile IceCredentials credentials;
  private volatile long roundTripNanos;

  // From here on: loop thread only.
  private String peerFingerprint = "";
  private DtlsSession.Role role = DtlsSession.Role.CLIENT;
  private @Nullable InetSocketAddress remote;
  private @Nullable DtlsSession dtls;
  private @Nullable SrtpInbound inbound;
  private @Nullable SrtpOutbound outbound;
  private boolean failed;
  private boolean closed;
  private boolean unreadableTold;

  PeerTransport(
      SelectorLoop loop,
      DtlsIdentity identity,
      TimeSource time,
      RandomGenerator random,
      UdpPorts ports,
      RtcSettings settings,
      List<InetAddress> localAddresses,
      Listener listener)
      throws IOException {
    this.loop = loop;
    this.identity = identity;
    this.time = time;
    this.random = random;
    this.listener = listener;
    this.profiles = settings.srtpProfiles();
    this.credentials = IceCredentials.create(random);
    this.agent = new IceAgent(credentials, random, new FromAgent());
    this.timer = loop.timer(this::drive);
    this.socket =
        UdpSocket.open(loop, ports, settings.udpReceiveBufferBytes(), random, new FromSocket());
    this.candidates = Candidate.hostLines(localAddresses, socket.localPort());
    loop.execute(socket::start);
  }

  /** What to tell the peer. */
  public LocalParameters local() {
    IceCredentials own = credentials;
    return new LocalParameters(
        own.ufrag(), own.password(), identity.fingerprint(), candidates, socket.localPort());
  }

  /** Starts ICE, then DTLS; once. */
  public void connect(RemoteParameters parameters) {
    execute(() -> {
      if (closed || agent.phase() != IceAgent.Phase.WAITING) {
        return;
      }
      peerFingerprint = parameters.fingerprint();
      role =
          parameters.setup() == RemoteParameters.Setup.ACTIVE
              ? DtlsSession.Role.SERVER
              : DtlsSession.Role.CLIENT;
      addCandidates(parameters.candidates());
      agent.remote(iceOf(parameters), parameters.weControl(), loop.nanos());
      drive();
    });
  }

  /** A further candidate (trickle); one that isn't understood or comes late is left out. */
  public void addRemoteCandidate(String candidateLine) {
    execute(() -> {
      if (!closed) {
        addCandidates(List.of(candidateLine));
        drive();
      }
    });
  }

  /**
   * New ICE credentials for a restart. The old ones stay valid until the new path is found, the new
   * ones are valid at once.
   */
  public LocalParameters newLocalParameters() {
    IceCredentials fresh = IceCredentials.create(random);
    credentials = fresh;
    execute(() -> agent.prepareRestart(fresh));
    return local();
  }

  /**
   * Restarts ICE with the newest local credentials; DTLS and SRTP go on, and so does the old path
   * while it works. A peer with another certificate is another peer: that fails.
   */
  public void restartIce(RemoteParameters parameters) {
    execute(() -> {
      if (closed || failed) {
        return;
      }
      if (!parameters.fingerprint().equalsIgnoreCase(peerFingerprint)) {
        fail("the ICE restart came with another DTLS certificate: a new transport is needed");
        return;
      }
      agent.restart(iceOf(parameters), loop.nanos());
      addCandidates(parameters.candidates());
      drive();
    });
  }

  /**
   * Protects in place ({@link SelectorLoop#ROOM_BEHIND_BYTES} of room behind) and sends; dropped
   * and counted before {@link Listener#connected} and when the kernel has no room. Loop thread
   * only.
   */
  public void sendRtp(byte[] buffer, int offset, int length) {
    SrtpOutbound protection = outbound;
    InetSocketAddress to = remote;
    if (protection == null || to == null) {
      sendDropped.increment();
      return;
    }
    send(buffer, offset, protection.rtp(buffer, offset, length), to);
  }

  /** As {@link #sendRtp}, for an RTCP compound packet. Loop thread only. */
  public void sendRtcp(byte[] buffer, int offset, int length) {
    SrtpOutbound protection = outbound;
    InetSocketAddress to = remote;
    if (protection == null || to == null) {
      sendDropped.increment();
      return;
    }
    send(buffer, offset, protection.rtcp(buffer, offset, length), to);
  }

  /** Smoothed round trip of ICE checks in nanoseconds, 0 before it was measured. */
  public long roundTripNanos() {
    return roundTripNanos;
  }

  /** The bound UDP port: the key to {@link io.spillway.rtc.net.KernelDrops}. */
  public int localPort() {
    return socket.localPort();
  }

  /** Counts so far. */
  public TransportStats stats() {
    return new TransportStats(
        rtpPackets.get(),
        rtcpPackets.get(),
        early.buffered(),
        early.dropped(),
        replayed.get(),
        notAuthentic.get(),
        malformed.get(),
        socket.oversized(),
        sendDropped.get() + socket.sendDropped() + socket.sendFailed(),
        roundTripNanos);
  }

  /** Says good-bye (DTLS close_notify) and closes the socket; again without effect. */
  public void close() {
    execute(() -> {
      if (closed) {
        return;
      }
      closed = true;
      timer.cancel();
      DtlsSession session = dtls;
      if (session == null) {
        socket.close();
      } else {
        session.close(() -> execute(socket::close));
      }
    });
  }

  private static IceCredentials iceOf(RemoteParameters parameters) {
    return new IceCredentials(parameters.ufrag(), parameters.password());
  }

  private void addCandidates(List<String> lines) {
    for (String line : lines) {
      Candidate.parse(line).ifPresent(candidate -> agent.addCandidate(candidate, loop.nanos()));
    }
  }

  /** Hands over to the loop; when that is closed there is nothing left to do anything for. */
  private void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException loopClosed) {
      LOG.atDebug().addKeyValue("reason", loopClosed.getMessage()).log("a task was dropped");
    }
  }

  private void drive() {
    if (!closed && !failed) {
      long nextNanos = agent.tick(loop.nanos());
      if (!closed && !failed) {
        timer.schedule(nextNanos);
      }
    }
  }

  private void fail(String why) {
    if (failed || closed) {
      return;
    }
    failed = true;
    timer.cancel();
    listener.failed(why);
  }

  private void send(byte[] buffer, int offset, int length, InetSocketAddress to) {
    boolean unusedTaken = socket.send(buffer, offset, length, to); // counts what it drops
  }

  private void stun(byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
    var message = StunMessage.parse(buffer, offset, length);
    if (message.isEmpty()) {
      malformed.increment();
      return;
    }
    if (!agent.received(message.get(), from, nowNanos)) {
      notAuthentic.increment();
      return;
    }
    roundTripNanos = agent.roundTripNanos();
    drive();
  }

  private void dtls(byte[] buffer, int offset, int length, InetSocketAddress from) {
    DtlsSession session = dtls;
    if (session == null || !agent.isKnown(from)) {
      notAuthentic.increment(); // whoever hasn't passed ICE may not disturb a handshake
      return;
    }
    session.received(buffer, offset, length);
  }

  /** Before the keys there is no other proof than ICE's, and strangers may not fill the room. */
  private void beforeKeys(
      byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
    if (agent.isKnown(from)) {
      early.add(buffer, offset, length, nowNanos);
    } else {
      notAuthentic.increment();
    }
  }

  private void media(SrtpInbound protection, byte[] buffer, int offset, int length, long nowNanos) {
    boolean isRtcp = length > 1 && isRtcp(buffer[offset + 1]);
    byte[] clear = loop.clearBuffer();
    int plain =
        isRtcp
            ? protection.rtcp(buffer, offset, length, clear)
            : protection.rtp(buffer, offset, length, clear);
    if (plain < 0) {
      countRefused(plain);
    } else {
      handOn(isRtcp, clear, plain, nowNanos);
    }
  }

  /** RFC 5761 section 4: packet types 192 to 223 are RTCP where both share a port. */
  private static boolean isRtcp(byte secondByte) {
    return (secondByte & 0xe0) == 0xc0;
  }

  private void countRefused(int reason) {
    if (reason == SrtpInbound.REPLAYED) {
      replayed.increment();
    } else if (reason == SrtpInbound.NOT_AUTHENTIC) {
      notAuthentic.increment();
    } else {
      malformed.increment();
    }
  }

  private void handOn(boolean isRtcp, byte[] clear, int length, long nowNanos) {
    try {
      if (isRtcp) {
        rtcpPackets.increment();
        listener.rtcp(clear, 0, length, nowNanos);
      } else {
        rtpPackets.increment();
        listener.rtp(clear, 0, length, nowNanos);
      }
    } catch (RuntimeException cause) {
      malformed.increment(); // a packet that its reader chokes on is lost, the recording goes on
      if (!unreadableTold) { // one line, or a hostile peer would fill the disk with them
        unreadableTold = true;
        LOG.atDebug().setCause(cause).log("a packet could not be read");
        listener.unreadable("a packet could not be read and is dropped: " + cause);
      }
    }
  }

  private void startDtls() {
    try {
      DtlsSession session =
          new DtlsSession(identity, role, peerFingerprint, profiles, time, new FromDtls());
      dtls = session;
      session.start();
    } catch (IllegalArgumentException badFingerprint) {
      fail("DTLS can't start: " + badFingerprint.getMessage());
    }
  }

  private void keysInPlace(SrtpKeyMaterial keys) {
    if (closed || failed) {
      return;
    }
    boolean weAreClient = role == DtlsSession.Role.CLIENT;
    SrtpInbound protection = keys.inbound(!weAreClient);
    inbound = protection;
    outbound = keys.outbound(weAreClient);
    listener.connected();
    for (EarlyPackets.Packet packet : early.takeAll()) {
      if (!closed) {
        media(protection, packet.bytes, 0, packet.bytes.length, packet.arrivedNanos);
      }
    }
  }

  /** Tells the protocols of a datagram apart by its first byte (RFC 7983). */
  private final class FromSocket implements UdpSocket.Handler {
    @Override
    public void datagram(
        byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
      if (closed || failed) {
        return;
      }
      int first = length == 0 ? -1 : buffer[offset] & 0xff;
      SrtpInbound protection = inbound;
      boolean isMedia = first >= 128 && first <= 191;
      if (isMedia && protection != null) {
        media(protection, buffer, offset, length, nowNanos);
      } else if (isMedia) {
        beforeKeys(buffer, offset, length, from, nowNanos);
      } else if (first >= 20 && first <= 63) {
        dtls(buffer, offset, length, from);
      } else if (first >= 0 && first <= 3) {
        stun(buffer, offset, length, from, nowNanos);
      } else {
        malformed.increment();
      }
    }

    @Override
    public void broken(Throwable cause) {
      fail("the UDP socket broke: " + cause);
    }
  }

  private final class FromAgent implements IceAgent.Out {
    @Override
    public void send(byte[] packet, InetSocketAddress to) {
      PeerTransport.this.send(packet, 0, packet.length, to);
    }

    @Override
    public void selected(InetSocketAddress address) {
      remote = address;
      if (dtls == null) {
        startDtls();
      }
    }

    @Override
    public void interrupted() {
      listener.interrupted();
    }

    @Override
    public void recovered() {
      listener.recovered();
    }

    @Override
    public void failed(String why) {
      fail(why);
    }
  }

  /** From the handshake's threads to the loop. */
  private final class FromDtls implements DtlsSession.Listener {
    @Override
    public void send(byte[] datagram) {
      execute(() -> {
        InetSocketAddress to = remote;
        if (to != null) {
          PeerTransport.this.send(datagram, 0, datagram.length, to);
        }
      });
    }

    @Override
    public void established(SrtpKeyMaterial keys) {
      execute(() -> keysInPlace(keys));
    }

    @Override
    public void ended(String why) {
      execute(() -> fail(why));
    }
  }
}
