package io.spillway.rtc.ice;

/** One UDP socket to one peer: ICE, DTLS, SRTP. */
@SuppressWarnings("DoNotCallSuggester") // signatures first, the body follows
public final class PeerTransport {
  /** Told on the loop thread; nothing after {@link #close}. */
  public interface Listener {
    /** DTLS is done, keys are in place. Once. */
    void connected();

    /** A decrypted RTP packet; the buffer is valid during the call only. */
    void rtp(byte[] buffer, int offset, int length, long nowNanos);

    /** A decrypted RTCP compound packet; the buffer is valid during the call only. */
    void rtcp(byte[] buffer, int offset, int length, long nowNanos);

    /** The peer hasn't answered for some seconds: signalling may want an ICE restart. */
    void interrupted();

    /** The peer answers again after {@link #interrupted}, or an ICE restart found its path. */
    default void recovered() {}

    /** Never connected in time, or DTLS failed or was closed. Once; {@link #close} it. */
    void failed(String why);
  }

  private PeerTransport() {}

  /** What to tell the peer. Any thread. */
  public LocalParameters local() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Starts ICE, then DTLS. Any thread, once. */
  public void connect(RemoteParameters remote) {
    throw new UnsupportedOperationException("not built yet " + remote);
  }

  /** A further candidate (trickle). Any thread. */
  public void addRemoteCandidate(String candidateLine) {
    throw new UnsupportedOperationException("not built yet " + candidateLine);
  }

  /**
   * New ICE credentials for a restart; the old ones stay valid until {@link #restartIce}. Any
   * thread.
   */
  public LocalParameters newLocalParameters() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Restarts ICE with the newest local credentials; DTLS and SRTP go on. Any thread. */
  public void restartIce(RemoteParameters remote) {
    throw new UnsupportedOperationException("not built yet " + remote);
  }

  /** Protects in place (64 bytes of room behind) and sends. Loop thread only. */
  public void sendRtp(byte[] buffer, int offset, int length) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Protects in place (64 bytes of room behind) and sends. Loop thread only. */
  public void sendRtcp(byte[] buffer, int offset, int length) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Smoothed round trip to the peer in nanoseconds, 0 before it was measured. Any thread. */
  public long roundTripNanos() {
    return 0;
  }

  /** Counts so far. Any thread. */
  public TransportStats stats() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Says good-bye (DTLS close_notify) and closes the socket. Any thread, again without effect. */
  public void close() {}
}
