package io.spillway.rtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SystemTime;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PeerTransportTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final List<SrtpProfile> ALL = List.of(SrtpProfile.values());

  private final SystemTime time = new SystemTime();
  private final SelectorLoop loop = new SelectorLoop("transport-test", time);
  private final PeerTransports transports =
      new PeerTransports(loop, RtcSettings.defaults(), time, new SecureRandom());
  private final List<AutoCloseable> toClose = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : toClose) {
      each.close();
    }
    loop.close();
    time.close();
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void packetsGoBothWaysUnderEachProfile(SrtpProfile profile) throws Exception {
    Recorder recorder = new Recorder();
    PeerTransport transport = open(recorder, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, List.of(profile), false);
    transport.connect(server.parameters());
    recorder.connected.get(10, TimeUnit.SECONDS);
    assertThat(server.profile.get(10, TimeUnit.SECONDS)).isEqualTo(profile);
    server.sendRtp(Packets.rtp(1, 900));
    server.sendRtcp(Packets.rtcp());
    assertThat(recorder.rtp.poll(5, TimeUnit.SECONDS)).isEqualTo(Packets.rtp(1, 900));
    assertThat(recorder.rtcp.poll(5, TimeUnit.SECONDS)).isEqualTo(Packets.rtcp());
    loop.execute(() -> {
      byte[] report = Arrays.copyOf(Packets.rtcp(), 8 + SelectorLoop.ROOM_BEHIND_BYTES);
      transport.sendRtcp(report, 0, 8);
      byte[] media = Arrays.copyOf(Packets.rtp(9, 100), 100 + SelectorLoop.ROOM_BEHIND_BYTES);
      transport.sendRtp(media, 0, 100);
    });
    assertThat(server.rtcp.poll(5, TimeUnit.SECONDS)).isEqualTo(Packets.rtcp());
    assertThat(server.rtp.poll(5, TimeUnit.SECONDS)).isEqualTo(Packets.rtp(9, 100));
    assertThat(transport.roundTripNanos()).isPositive();
    assertThat(transport.stats().rtpPackets()).isEqualTo(1);
  }

  @Test
  void aPacketThatItsListenerChokesOnIsToldOnceAndTheNextOnesAreRead() throws Exception {
    Recorder recorder =
        new Recorder() {
          @Override
          public void rtp(byte[] buffer, int offset, int length, long nowNanos) {
            if (length < 500) {
              throw new IllegalArgumentException("too small for me");
            }
            super.rtp(buffer, offset, length, nowNanos);
          }
        };
    PeerTransport transport = open(recorder, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, ALL, false);
    transport.connect(server.parameters());
    server.profile.get(10, TimeUnit.SECONDS);
    server.sendRtp(Packets.rtp(1, 100));
    server.sendRtp(Packets.rtp(2, 100));
    server.sendRtp(Packets.rtp(3, 900));
    assertThat(recorder.rtp.poll(5, TimeUnit.SECONDS)).isEqualTo(Packets.rtp(3, 900));
    assertThat(recorder.unreadable).hasSize(1).first().asString().contains("too small for me");
  }

  @Test
  void itWorksOverIpv6() throws Exception {
    InetAddress six = InetAddress.ofLiteral("::1");
    Assumptions.assumeTrue(NetworkInterface.getByInetAddress(six) != null, "no IPv6 here");
    Recorder recorder = new Recorder();
    PeerTransport transport = open(recorder, six);
    assertThat(transport.local().candidates().getFirst()).contains("0:0:0:0:0:0:0:1");
    LiteServer server = server(transport, six, ALL, false);
    transport.connect(server.parameters());
    recorder.connected.get(10, TimeUnit.SECONDS);
  }

  @Test
  void packetsThatComeBeforeTheKeysAreNotLost() throws Exception {
    Recorder recorder = new Recorder();
    PeerTransport transport = open(recorder, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, ALL, true);
    transport.connect(server.parameters());
    for (int i = 0; i < 200; i++) {
      byte[] packet = recorder.rtp.poll(10, TimeUnit.SECONDS);
      assertThat(packet).as("packet %d", i).isEqualTo(Packets.rtp(i, 1000));
    }
    assertThat(transport.stats().earlyDropped()).isZero();
  }

  @Test
  void theRoomForEarlyPacketsIsBounded() {
    EarlyPackets early = new EarlyPackets();
    for (int i = 0; i < 10_000; i++) {
      early.add(new byte[2048], 0, 2048, i);
    }
    assertThat(early.buffered()).isEqualTo(EarlyPackets.MOST_BYTES / 2048);
    assertThat(early.dropped()).isEqualTo(10_000 - early.buffered());
    assertThat(early.takeAll().getFirst().arrivedNanos).isZero();
    for (int i = 0; i < 10_000; i++) {
      early.add(new byte[100], 0, 100, i);
    }
    assertThat(early.takeAll()).hasSize(EarlyPackets.MOST_PACKETS);
  }

  @Test
  void aServerWithAnotherCertificateThanPromisedIsRefused() throws Exception {
    Recorder recorder = new Recorder();
    PeerTransport transport = open(recorder, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, ALL, false);
    transport.connect(server.parameters(transport.local().fingerprint()));
    assertThat(recorder.failed.get(10, TimeUnit.SECONDS)).contains("signalling promised");
    assertThat(recorder.connected).isNotDone();
  }

  @Test
  void aServerThatEndsDtlsIsToldAsAFailureAndOursIsToldToIt() throws Exception {
    Recorder first = new Recorder();
    PeerTransport transport = open(first, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, ALL, false);
    transport.connect(server.parameters());
    first.connected.get(10, TimeUnit.SECONDS);
    server.profile.get(10, TimeUnit.SECONDS);
    server.endDtls();
    assertThat(first.failed.get(10, TimeUnit.SECONDS)).contains("closed DTLS");

    Recorder second = new Recorder();
    PeerTransport leaving = open(second, LOOPBACK);
    LiteServer left = server(leaving, LOOPBACK, ALL, false);
    leaving.connect(left.parameters());
    second.connected.get(10, TimeUnit.SECONDS);
    left.profile.get(10, TimeUnit.SECONDS);
    leaving.close();
    assertThat(left.ended.get(10, TimeUnit.SECONDS)).contains("closed DTLS");
    assertThat(second.failed).isNotDone();
  }

  @Test
  void aServerThatFallsSilentIsTold() throws Exception {
    Recorder recorder = new Recorder();
    PeerTransport transport = open(recorder, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, ALL, false);
    transport.connect(server.parameters());
    recorder.connected.get(10, TimeUnit.SECONDS);
    server.fallSilent();
    recorder.interrupted.get(10, TimeUnit.SECONDS);
    assertThat(recorder.failed).isNotDone();
  }

  @Test
  void randomBytesOnThePortHurtNobody() throws Exception {
    long seed = System.currentTimeMillis();
    Random chance = new Random(seed);
    Recorder recorder = new Recorder();
    PeerTransport transport = open(recorder, LOOPBACK);
    LiteServer server = server(transport, LOOPBACK, ALL, false);
    try (DatagramSocket attacker = new DatagramSocket()) {
      junk(attacker, transport.local().port(), chance, 500);
      transport.connect(server.parameters());
      junk(attacker, transport.local().port(), chance, 5000);
      recorder.connected.get(10, TimeUnit.SECONDS);
      server.profile.get(10, TimeUnit.SECONDS);
      junk(attacker, transport.local().port(), chance, 20_000);
    }
    byte[] got = null; // some may find the kernel's buffer full of junk
    for (int i = 0; i < 50 && got == null; i++) {
      server.sendRtp(Packets.rtp(i, 500));
      got = recorder.rtp.poll(100, TimeUnit.MILLISECONDS);
    }
    assertThat(got).as("seed %d", seed).hasSize(500);
    assertThat(recorder.failed).as("seed %d", seed).isNotDone();
    assertThat(transport.stats().earlyDropped()).as("room that strangers took").isZero();
    TransportStats stats = transport.stats();
    assertThat(stats.malformed() + stats.notAuthentic()).isGreaterThan(1000);
    assertThat(loop.failures()).isZero();
  }

  @Test
  void twoOfOursConnectRestartIceAndGoOnWithTheSameKeys() throws Exception {
    Recorder left = new Recorder();
    Recorder right = new Recorder();
    PeerTransport one = open(left, LOOPBACK);
    PeerTransport two = open(right, LOOPBACK);
    one.connect(remote(two.local(), RemoteParameters.Setup.PASSIVE));
    two.connect(remote(one.local(), RemoteParameters.Setup.ACTIVE)); // both claim control
    left.connected.get(10, TimeUnit.SECONDS);
    right.connected.get(10, TimeUnit.SECONDS);
    LocalParameters oneAnew = one.newLocalParameters();
    LocalParameters twoAnew = two.newLocalParameters();
    one.restartIce(remote(twoAnew, RemoteParameters.Setup.PASSIVE));
    two.restartIce(remote(oneAnew, RemoteParameters.Setup.ACTIVE));
    left.recovered.get(10, TimeUnit.SECONDS);
    right.recovered.get(10, TimeUnit.SECONDS);
    loop.execute(() -> {
      byte[] media = Arrays.copyOf(Packets.rtp(5, 100), 100 + SelectorLoop.ROOM_BEHIND_BYTES);
      one.sendRtp(media, 0, 100);
    });
    assertThat(right.rtp.poll(5, TimeUnit.SECONDS)).isEqualTo(Packets.rtp(5, 100));
    one.restartIce(
        new RemoteParameters("u", "p", "00:11", RemoteParameters.Setup.PASSIVE, false, List.of()));
    assertThat(left.failed.get(5, TimeUnit.SECONDS)).contains("another DTLS certificate");
  }

  @Test
  void theWarmUpSucceeds() throws Exception {
    assertThat(transports.warmUp()).isTrue();
  }

  private PeerTransport open(Recorder recorder, InetAddress towards) throws IOException {
    PeerTransport transport = transports.open(List.of(towards), recorder);
    toClose.add(transport::close);
    return transport;
  }

  private LiteServer server(
      PeerTransport peer, InetAddress bind, List<SrtpProfile> profiles, boolean floodsAtOnce)
      throws IOException {
    LiteServer server =
        new LiteServer(bind, peer.local().fingerprint(), profiles, floodsAtOnce, time);
    toClose.add(server);
    return server;
  }

  private static RemoteParameters remote(LocalParameters other, RemoteParameters.Setup setup) {
    return new RemoteParameters(
        other.ufrag(), other.password(), other.fingerprint(), setup, false, other.candidates());
  }

  private static void junk(DatagramSocket from, int port, Random chance, int count)
      throws IOException {
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[chance.nextInt(300)];
      chance.nextBytes(bytes);
      if (bytes.length > 24) {
        shape(bytes, chance);
      }
      from.send(new DatagramPacket(bytes, bytes.length, LOOPBACK, port));
    }
  }

  /** Makes junk look like each of the protocols, so that it gets further than the first byte. */
  private static void shape(byte[] bytes, Random chance) {
    switch (chance.nextInt(4)) {
      case 0 -> {
        bytes[0] = 0;
        bytes[1] = 1;
        bytes[2] = (byte) ((bytes.length - 20) >> 8);
        bytes[3] = (byte) (bytes.length - 20);
        bytes[4] = 0x21;
        bytes[5] = 0x12;
        bytes[6] = (byte) 0xa4;
        bytes[7] = 0x42;
      }
      case 1 -> bytes[0] = (byte) (20 + chance.nextInt(6));
      case 2 -> bytes[0] = (byte) 0x90;
      default -> {
        bytes[0] = (byte) 0x80;
        bytes[1] = (byte) 200;
      }
    }
  }

  private static class Recorder implements PeerTransport.Listener {
    final CompletableFuture<Boolean> connected = new CompletableFuture<>();
    final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    final CompletableFuture<Boolean> recovered = new CompletableFuture<>();
    final CompletableFuture<String> failed = new CompletableFuture<>();
    final BlockingQueue<byte[]> rtp = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> rtcp = new LinkedBlockingQueue<>();
    final BlockingQueue<String> unreadable = new LinkedBlockingQueue<>();

    @Override
    public void connected() {
      connected.complete(true);
    }

    @Override
    public void rtp(byte[] buffer, int offset, int length, long nowNanos) {
      rtp.add(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {
      rtcp.add(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public void interrupted() {
      interrupted.complete(true);
    }

    @Override
    public void recovered() {
      recovered.complete(true);
    }

    @Override
    public void unreadable(String why) {
      unreadable.add(why);
    }

    @Override
    public void failed(String why) {
      failed.complete(why);
    }
  }
}
