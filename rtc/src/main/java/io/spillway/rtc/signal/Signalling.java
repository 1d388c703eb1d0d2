package io.spillway.rtc.signal;

import java.net.URI;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;

/** Opens signalling connections to LiveKit servers. Thread-safe. */
public interface Signalling {
  /**
   * Begins to open one. Returns at once; the listener hears of the outcome.
   *
   * @param token goes in the {@code Authorization} header, so that it stays out of access logs
   */
  Link open(URI address, String token, Listener listener);

  /** One connection. Thread-safe; all methods return at once. */
  interface Link {
    /** Sends a message after those before it; does nothing on a closed connection. */
    void send(SignalRequest message);

    /** Closes after what was sent before; the listener is told once, unless it was already. */
    void close();
  }

  /** Hears of one connection: calls come one at a time and in order, on threads of the client. */
  interface Listener {
    /** The server took the connection. */
    void opened();

    /** A message that was parsed. */
    void message(SignalResponse message);

    /** It is over, or never came about. Called exactly once, and last. */
    void closed(Closed why);
  }

  /**
   * How a connection ended.
   *
   * @param httpStatus the server's answer when it refused the connection; 0 after it was open, or
   *     when no answer came
   */
  record Closed(int httpStatus, String text) {}
}
