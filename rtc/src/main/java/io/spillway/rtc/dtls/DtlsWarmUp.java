package io.spillway.rtc.dtls;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpProfile;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Handshakes with itself in memory, so that classes are loaded and the arithmetic is compiled
 * before a peer waits: in a cold JVM a handshake on a busy machine takes seconds, and
 * livekit-server gives a join up after about 13.
 */
public final class DtlsWarmUp {
  private static final int HANDSHAKES = 3;
  private static final long MOST_SECONDS = 10;

  private DtlsWarmUp() {}

  /**
   * Runs the handshakes one after the other; blocks for up to 10 s each, usually far less.
   *
   * @return whether all of them succeeded: if not, this Java lacks something that recordings need
   */
  public static boolean run(DtlsIdentity identity, TimeSource time) throws InterruptedException {
    for (int i = 0; i < HANDSHAKES; i++) {
      if (!handshake(identity, time)) {
        return false;
      }
    }
    return true;
  }

  private static boolean handshake(DtlsIdentity identity, TimeSource time)
      throws InterruptedException {
    CountDownLatch done = new CountDownLatch(2);
    End client = new End(done);
    End server = new End(done);
    List<SrtpProfile> profiles = List.of(SrtpProfile.values());
    String print = identity.fingerprint();
    client.connect(
        new DtlsSession(identity, DtlsSession.Role.CLIENT, print, profiles, time, client), server);
    server.connect(
        new DtlsSession(identity, DtlsSession.Role.SERVER, print, profiles, time, server), client);
    server.start();
    client.start();
    boolean inTime = done.await(MOST_SECONDS, TimeUnit.SECONDS);
    client.close();
    server.close();
    return inTime && client.isEstablished() && server.isEstablished();
  }

  /** One side; what it sends goes straight to the other. */
  private static final class End implements DtlsSession.Listener {
    private final CountDownLatch done;
    private final AtomicReference<@Nullable DtlsSession> own = new AtomicReference<>();
    private final AtomicReference<@Nullable End> other = new AtomicReference<>();
    private volatile boolean established;

    End(CountDownLatch done) {
      this.done = done;
    }

    void connect(DtlsSession session, End to) {
      own.set(session);
      other.set(to);
    }

    void start() {
      DtlsSession session = own.get();
      if (session != null) {
        session.start();
      }
    }

    void close() {
      DtlsSession session = own.get();
      if (session != null) {
        session.close();
      }
    }

    boolean isEstablished() {
      return established;
    }

    @Override
    public void send(byte[] datagram) {
      End to = other.get();
      DtlsSession session = to == null ? null : to.own.get();
      if (session != null) {
        session.received(datagram, 0, datagram.length);
      }
    }

    @Override
    public void established(SrtpKeyMaterial keys) {
      established = true;
      done.countDown();
    }

    @Override
    public void ended(String why) {
      done.countDown();
    }
  }
}
