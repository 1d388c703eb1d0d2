package io.spillway.rtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.spillway.core.media.Codec;
import io.spillway.core.time.SystemTime;
import io.spillway.rtc.Frame;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.rtp.TrackReceiver;
import io.spillway.rtc.srtp.SrtpProfile;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a packet costs on its whole way from the kernel to a frame, in memory. */
final class SteadyPathTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int PACKETS = 10_000;
  private static final int WARM_UP_ROUNDS = 1;

  /** So many bytes may be on their way at once: more would overrun the socket's buffer. */
  private static final int BYTES_AT_ONCE = 60_000;

  /** What the kernel needs beside a packet's own bytes. */
  private static final int PACKET_EXTRA_BYTES = 300;

  private final SystemTime time = new SystemTime();
  private final SelectorLoop loop = new SelectorLoop("steady-path-test", time);
  private final List<DatagramChannel> others = new ArrayList<>();
  private final PeerTransports transports =
      new PeerTransports(loop, RtcSettings.defaults(), time, new SecureRandom());

  @AfterEach
  void stop() throws Exception {
    for (DatagramChannel each : others) {
      each.close();
    }
    loop.close();
    time.close();
  }

  /**
   * Nothing per packet: the smallest object has 8 bytes, and what is left below that is an ICE
   * check now and then.
   */
  @ParameterizedTest
  @CsvSource({
    "AEAD_AES_256_GCM, 100",
    "AEAD_AES_256_GCM, 390",
    "AEAD_AES_256_GCM, 1200",
    "AEAD_AES_128_GCM, 100",
    "AEAD_AES_128_GCM, 1200",
    "AES128_CM_HMAC_SHA1_80, 100",
    "AES128_CM_HMAC_SHA1_80, 1200"
  })
  void aPacketOnTheSteadyPathAllocatesNothing(SrtpProfile profile, int packetBytes)
      throws Exception {
    openManyFiles();
    Sink sink = new Sink();
    PeerTransport transport = transports.open(List.of(LOOPBACK), sink);
    try (LiteServer server =
        new LiteServer(LOOPBACK, transport.local().fingerprint(), List.of(profile), false, time)) {
      transport.connect(server.parameters());
      sink.connected.get(10, TimeUnit.SECONDS);
      server.profile.get(10, TimeUnit.SECONDS);
      CompletableFuture<Long> loopThread = new CompletableFuture<>();
      loop.execute(() -> loopThread.complete(Thread.currentThread().threadId()));
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        send(server, sink, round * PACKETS, packetBytes);
      }
      long before = threads.getThreadAllocatedBytes(loopThread.get(5, TimeUnit.SECONDS));
      send(server, sink, WARM_UP_ROUNDS * PACKETS, packetBytes);
      long bytes = threads.getThreadAllocatedBytes(loopThread.join()) - before;
      assertThat(sink.frames).isGreaterThan((WARM_UP_ROUNDS + 1) * PACKETS * 9 / 10);
      assertThat(bytes).as("bytes for %d packets", PACKETS).isLessThan(4L * PACKETS);
    } finally {
      transport.close();
    }
  }

  /** As on a busy node: the JDK's selector knows sockets by boxed numbers, cached up to 127. */
  private void openManyFiles() throws Exception {
    for (int i = 0; i < 150; i++) {
      others.add(DatagramChannel.open());
    }
  }

  private static void send(LiteServer server, Sink sink, int from, int bytes) throws Exception {
    int atOnce = BYTES_AT_ONCE / (bytes + PACKET_EXTRA_BYTES);
    for (int i = 0; i < PACKETS; i++) {
      byte[] packet = Packets.rtp(from + i, bytes);
      long ticks = (from + i) * 960L;
      for (int at = 0; at < 4; at++) {
        packet[4 + at] = (byte) (ticks >>> (24 - 8 * at));
      }
      server.sendRtp(packet);
      if (i % atOnce == atOnce - 1) {
        long since = System.nanoTime();
        while (sink.packets < from + i && System.nanoTime() - since < 50_000_000L) {
          Thread.onSpinWait();
        }
      }
    }
  }

  /** A track's receiver behind the transport, as a session has it. */
  private static final class Sink implements PeerTransport.Listener, TrackReceiver.Out {
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final TrackReceiver receiver =
        new TrackReceiver(
            Codec.OPUS,
            List.of(new PayloadType(111, Codec.OPUS, PayloadType.Kind.MEDIA, 111, Map.of())),
            new SplittableRandom(1),
            this);
    private volatile int packets;
    private volatile int frames;

    @Override
    public void connected() {
      connected.complete(null);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop's thread is the only writer
    public void rtp(byte[] buffer, int offset, int length, long nowNanos) {
      receiver.rtp(buffer, offset, length, nowNanos);
      packets++;
    }

    @Override
    public void rtcp(byte[] buffer, int offset, int length, long nowNanos) {
      receiver.rtcp(buffer, offset, length, nowNanos);
    }

    @Override
    public void interrupted() {}

    @Override
    public void unreadable(String why) {
      connected.completeExceptionally(new AssertionError(why));
    }

    @Override
    public void failed(String why) {
      connected.completeExceptionally(new AssertionError(why));
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop's thread is the only writer
    public void frame(Frame frame) {
      frames++;
    }

    @Override
    public void sendRtcp(byte[] buffer, int offset, int length) {}
  }
}
