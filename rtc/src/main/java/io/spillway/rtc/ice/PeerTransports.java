package io.spillway.rtc.ice;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.RtcSettings;
import io.spillway.rtc.net.SelectorLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;

/** Opens transports; holds what they share: the certificate, settings, the loop. */
@SuppressWarnings("DoNotCallSuggester") // signatures first, the body follows
public final class PeerTransports {
  /** Makes the DTLS certificate (some milliseconds). */
  public PeerTransports(
      SelectorLoop loop, RtcSettings settings, TimeSource time, SecureRandom random) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Runs a DTLS handshake in memory, so that the first real one isn't interpreted. Blocks. */
  public void warmUp() {}

  /**
   * Opens a socket; call {@link PeerTransport#connect} next. Any thread.
   *
   * @param towards addresses that lead to the peer (the signalling server's, candidates' if known
   *     already): our host candidates are those on the routes to them and on the default route
   * @throws IOException when no socket or port is free
   */
  public PeerTransport open(List<InetAddress> towards, PeerTransport.Listener listener)
      throws IOException {
    throw new IOException("not built yet");
  }
}
