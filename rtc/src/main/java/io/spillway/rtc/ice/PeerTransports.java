package io.spillway.rtc.ice;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.dtls.DtlsIdentity;
import io.spillway.rtc.dtls.DtlsWarmUp;
import io.spillway.rtc.net.LocalRoutes;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.net.UdpPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;

/**
 * Opens transports on one loop and holds what they share: the certificate and the settings.
 * Thread-safe.
 */
public final class PeerTransports {
  private final SelectorLoop loop;
  private final DtlsIdentity identity;
  private final UdpPorts ports;
  private final RtcSettings settings;
  private final TimeSource time;
  private final SecureRandom random;

  /** Makes a certificate of its own (some milliseconds). */
  public PeerTransports(
      SelectorLoop loop, RtcSettings settings, TimeSource time, SecureRandom random) {
    this(loop, DtlsIdentity.create(time, random), settings, time, random);
  }

  /** Shares a certificate with the transports of other loops. */
  public PeerTransports(
      SelectorLoop loop,
      DtlsIdentity identity,
      RtcSettings settings,
      TimeSource time,
      SecureRandom random) {
    this.loop = loop;
    this.identity = identity;
    this.ports = new UdpPorts(settings.udpPortMin(), settings.udpPortMax());
    this.settings = settings;
    this.time = time;
    this.random = random;
  }

  /**
   * Runs DTLS handshakes in memory, so that the first real one isn't interpreted. Blocks; a second
   * or two in a cold JVM.
   *
   * @return false when this Java can't do what recordings need
   */
  public boolean warmUp() throws InterruptedException {
    return DtlsWarmUp.run(identity, time);
  }

  /**
   * Opens a socket; call {@link PeerTransport#connect} next. Any thread.
   *
   * @param towards addresses that lead to the peer (the signalling server's, candidates' if known
   *     already): our host candidates are those on the routes to them and on the default route
   * @throws IOException when no socket or port is free, or the machine has no network
   */
  public PeerTransport open(List<InetAddress> towards, PeerTransport.Listener listener)
      throws IOException {
    List<InetAddress> addresses = LocalRoutes.towards(towards);
    if (addresses.isEmpty()) {
      throw new IOException("this machine has no route to " + towards + " nor a default route");
    }
    return new PeerTransport(loop, identity, time, random, ports, settings, addresses, listener);
  }
}
