package io.spillway.rtc.dtls;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One DTLS connection: the handshake on a virtual thread of its own, and afterwards nothing but the
 * wait for its end. Records after the handshake are rare (the peer's close_notify, late copies), so
 * a thread is started for them when they come, one at a time. Methods may be called on any thread
 * and never block; the listener is called on the session's threads.
 */
public final class DtlsSession {
  /** Who sends the ClientHello. */
  public enum Role {
    CLIENT,
    SERVER
  }

  /** What a session has to say; called on its threads. */
  public interface Listener {
    /** A datagram for the peer; the array is the listener's to keep. */
    void send(byte[] datagram);

    /** The handshake is done; once. */
    void established(SrtpKeyMaterial keys);

    /** The handshake failed, or the peer ended the connection; at most once. */
    void ended(String why);
  }

  private static final int RECORD_HEADER_BYTES = 13; // RFC 6347 section 4.1
  private static final int RECORD_EPOCH_AT = 3;
  private static final int RECORD_LENGTH_AT = 11;
  private static final int GCM_OVERHEAD_BYTES = 24; // nonce and tag, RFC 5288; we offer no others

  private final HandshakePeer peer;
  private final DatagramPipe pipe;
  private final Listener listener;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile @Nullable DTLSTransport established;

  /**
   * A session that hasn't started.
   *
   * @param expectedFingerprint SHA-256 of the peer's certificate, hex with colons
   * @throws IllegalArgumentException when the fingerprint is none
   */
  public DtlsSession(
      DtlsIdentity identity,
      Role role,
      String expectedFingerprint,
      List<SrtpProfile> profiles,
      TimeSource time,
      Listener listener) {
    this.listener = listener;
    this.pipe = new DatagramPipe(time, listener::send);
    Fingerprint expected = new Fingerprint(expectedFingerprint);
    this.peer =
        switch (role) {
          case CLIENT -> new ClientPeer(identity, expected, profiles, this::end);
          case SERVER -> new ServerPeer(identity, expected, profiles, this::end);
        };
  }

  /** Starts the handshake. */
  public void start() {
    Thread.ofVirtual().name("dtls-handshake").start(this::handshake);
  }

  /** Takes a copy of a datagram from the peer. */
  public void received(byte[] buffer, int offset, int length) {
    DTLSTransport transport = established;
    if (transport == null) {
      pipe.offer(buffer, offset, length);
    } else {
      offerEncrypted(buffer, offset, length);
      readSoon(transport);
    }
  }

  /**
   * After the handshake only records of an encrypted epoch that can hold a byte are let through.
   * Bouncy Castle still looks at those in clear then (for late copies of the last flight), and
   * takes one that is shorter than nonce and tag for a fatal error: a single datagram that anybody
   * can forge would end the connection.
   */
  private void offerEncrypted(byte[] buffer, int offset, int length) {
    int end = offset + length;
    int at = offset;
    while (end - at >= RECORD_HEADER_BYTES) {
      int bytes = RECORD_HEADER_BYTES + uint16(buffer, at + RECORD_LENGTH_AT);
      if (bytes > end - at) {
        return;
      }
      boolean encrypted = uint16(buffer, at + RECORD_EPOCH_AT) > 0;
      if (encrypted && bytes > RECORD_HEADER_BYTES + GCM_OVERHEAD_BYTES) {
        pipe.offer(buffer, at, bytes);
      }
      at += bytes;
    }
  }

  private static int uint16(byte[] from, int at) {
    return (from[at] & 0xff) << 8 | (from[at + 1] & 0xff);
  }

  /** Datagrams from the peer that came faster than they were looked at. */
  public long dropped() {
    return pipe.dropped();
  }

  /**
   * Says good-bye to the peer if the handshake was done, and ends without a word to the listener.
   *
   * @param then run when the good-bye has been handed to {@link Listener#send}, or there is none
   */
  public void close(Runnable then) {
    over.set(true);
    DTLSTransport transport = established;
    if (transport == null) {
      pipe.abort();
      then.run();
    } else {
      Thread.ofVirtual()
          .name("dtls-close")
          .start(() -> {
            sayGoodbye(transport);
            then.run();
          });
    }
  }

  /** As {@link #close(Runnable)}, with nothing to do afterwards. */
  public void close() {
    close(() -> {});
  }

  /** Whether everything that came from the peer has been looked at. */
  boolean isIdle() {
    return pipe.isEmpty();
  }

  private void handshake() {
    try {
      DTLSTransport transport = peer.handshake(pipe);
      SrtpKeyMaterial keys = peer.keys();
      if (keys == null) {
        throw new TlsFatalAlert(AlertDescription.internal_error, "the handshake yielded no keys");
      }
      established = transport;
      if (over.get()) {
        sayGoodbye(transport); // closed meanwhile
        return;
      }
      listener.established(keys);
      readSoon(transport); // what came after the last flight, before the field was set
    } catch (IOException | RuntimeException cause) {
      pipe.abort();
      end("DTLS handshake failed: " + describe(cause));
    }
  }

  private void readSoon(DTLSTransport transport) {
    if (!pipe.isEmpty() && reading.compareAndSet(false, true)) {
      Thread.ofVirtual().name("dtls-read").start(() -> read(transport));
    }
  }

  private void read(DTLSTransport transport) {
    try {
      byte[] ignored = new byte[transport.getReceiveLimit()]; // application data means nothing here
      while (!pipe.isEmpty() && !over.get()) {
        transport.receive(ignored, 0, ignored.length, 1);
      }
    } catch (IOException | RuntimeException cause) {
      end("DTLS ended: " + describe(cause));
    } finally {
      reading.set(false);
    }
    if (!over.get()) {
      readSoon(transport); // one that came between the last look and the flag
    }
  }

  private void end(String why) {
    if (over.compareAndSet(false, true)) {
      listener.ended(why);
    }
  }

  private void sayGoodbye(DTLSTransport transport) {
    try {
      transport.close();
    } catch (IOException | RuntimeException unsent) {
      pipe.abort(); // the peer will notice by its own time-out
    }
  }

  private static String describe(Exception cause) {
    return switch (cause) {
      case TlsTimeoutException late -> "no answer in " + HandshakePeer.MOST.toSeconds() + " s";
      case TlsFatalAlertReceived alert ->
          "the peer sent alert " + AlertDescription.getText(alert.getAlertDescription());
      case TlsFatalAlert alert -> alert.getMessage() + because(alert);
      default -> String.valueOf(cause.getMessage());
    };
  }

  private static String because(TlsFatalAlert alert) {
    Throwable cause = alert.getCause();
    return cause == null ? "" : " (" + cause + ")";
  }
}
