package io.spillway.rtc.ice;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.dtls.DtlsIdentity;
import io.spillway.rtc.dtls.DtlsSession;
import io.spillway.rtc.srtp.SrtpInbound;
import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpOutbound;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** An ICE-lite, DTLS-server SFU in small: answers checks, takes the nominated address, echoes. */
final class LiteServer implements AutoCloseable, DtlsSession.Listener {
  final DtlsIdentity identity;
  final CompletableFuture<SrtpProfile> profile = new CompletableFuture<>();
  final CompletableFuture<String> ended = new CompletableFuture<>();
  final BlockingQueue<byte[]> rtp = new LinkedBlockingQueue<>();
  final BlockingQueue<byte[]> rtcp = new LinkedBlockingQueue<>();
  private final DatagramSocket socket;
  private final IceCredentials own = IceCredentials.create(new SecureRandom());
  private final CompletableFuture<InetSocketAddress> peer = new CompletableFuture<>();
  private final byte[] clear = new byte[2200];
  private final DtlsSession session;
  private final boolean floodsAtOnce;
  private volatile boolean answers = true;
  private final CompletableFuture<SrtpInbound> inbound = new CompletableFuture<>();
  private final CompletableFuture<SrtpOutbound> outbound = new CompletableFuture<>();

  LiteServer(
      InetAddress bind,
      String peerFingerprint,
      List<SrtpProfile> profiles,
      boolean floodsAtOnce,
      TimeSource time)
      throws IOException {
    this.socket = new DatagramSocket(new InetSocketAddress(bind, 0));
    this.identity = DtlsIdentity.create(time, new SecureRandom());
    this.floodsAtOnce = floodsAtOnce;
    this.session =
        new DtlsSession(identity, DtlsSession.Role.SERVER, peerFingerprint, profiles, time, this);
    session.start();
    Thread.ofVirtual().start(this::read);
  }

  RemoteParameters parameters() {
    return parameters(identity.fingerprint());
  }

  RemoteParameters parameters(String fingerprint) {
    String line =
        "candidate:1 1 udp 1000 %s %d typ host"
            .formatted(socket.getLocalAddress().getHostAddress(), socket.getLocalPort());
    return new RemoteParameters(
        own.ufrag(),
        own.password(),
        fingerprint,
        RemoteParameters.Setup.ACTPASS,
        true,
        List.of(line));
  }

  void fallSilent() {
    answers = false;
  }

  void endDtls() {
    session.close();
  }

  synchronized void sendRtp(byte[] packet) throws IOException {
    byte[] sealed = Arrays.copyOf(packet, packet.length + 64);
    transmit(sealed, outbound.join().rtp(sealed, 0, packet.length));
  }

  synchronized void sendRtcp(byte[] packet) throws IOException {
    byte[] sealed = Arrays.copyOf(packet, packet.length + 64);
    transmit(sealed, outbound.join().rtcp(sealed, 0, packet.length));
  }

  private void transmit(byte[] bytes, int length) throws IOException {
    socket.send(new DatagramPacket(bytes, length, peer.join()));
  }

  private void read() {
    byte[] buffer = new byte[2048];
    try {
      while (!socket.isClosed()) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        if (answers) {
          datagram(buffer, packet.getLength(), (InetSocketAddress) packet.getSocketAddress());
        }
      }
    } catch (IOException closed) {
      session.close();
    }
  }

  private void datagram(byte[] buffer, int length, InetSocketAddress from) throws IOException {
    int first = buffer[0] & 0xff;
    if (first < 4) {
      StunMessage request = StunMessage.parse(buffer, 0, length).orElseThrow();
      if (request.isAuthentic(own.password())) {
        byte[] answer =
            new StunWriter(StunMessage.BINDING_SUCCESS, request.transaction())
                .mappedAddress(from)
                .finish(own.password());
        socket.send(new DatagramPacket(answer, answer.length, from));
        if (request.hasUseCandidate()) {
          peer.complete(from);
        }
      }
    } else if (first < 64) {
      session.received(buffer, 0, length);
    } else if (inbound.isDone()) {
      SrtpInbound in = inbound.join();
      boolean isRtcp = (buffer[1] & 0xe0) == 0xc0;
      int plain = isRtcp ? in.rtcp(buffer, 0, length, clear) : in.rtp(buffer, 0, length, clear);
      if (plain > 0) {
        (isRtcp ? rtcp : rtp).add(Arrays.copyOf(clear, plain));
      }
    }
  }

  @Override
  public void send(byte[] datagram) {
    try {
      transmit(datagram, datagram.length);
    } catch (IOException closed) {
      ended.complete("socket closed");
    }
  }

  @Override
  public void established(SrtpKeyMaterial keys) {
    inbound.complete(keys.inbound(true));
    outbound.complete(keys.outbound(false));
    try {
      for (int i = 0; floodsAtOnce && i < 200; i++) {
        sendRtp(Packets.rtp(i, 1000));
      }
    } catch (IOException closed) {
      ended.complete("socket closed");
    }
    profile.complete(keys.profile());
  }

  @Override
  public void ended(String why) {
    ended.complete(why);
  }

  @Override
  public void close() {
    socket.close();
  }
}
