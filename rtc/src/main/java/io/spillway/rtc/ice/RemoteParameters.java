package io.spillway.rtc.ice;

import java.util.List;

/**
 * What signalling told us about the peer.
 *
 * @param ufrag ICE user name fragment
 * @param password ICE password
 * @param fingerprint SHA-256 of its DTLS certificate, hex with colons, any case, without {@code
 *     sha-256}
 * @param setup its role in DTLS, from {@code a=setup}
 * @param iceLite whether it is an ICE-lite agent, which never checks by itself
 * @param candidates candidate lines, with or without {@code a=}; those that aren't understood are
 *     left out
 */
public record RemoteParameters(
    String ufrag,
    String password,
    String fingerprint,
    Setup setup,
    boolean iceLite,
    List<String> candidates) {
  /** The values of {@code a=setup} (RFC 4145, RFC 5763). */
  public enum Setup {
    /** It offered both roles, so it made the offer: we answer {@code active}. */
    ACTPASS,
    /** It waits for our ClientHello. */
    PASSIVE,
    /** It sends the ClientHello. */
    ACTIVE
  }

  /** Copies the list. */
  public RemoteParameters {
    candidates = List.copyOf(candidates);
  }

  /**
   * Whether we are the controlling ICE agent: the full agent controls a lite one, and between full
   * agents the one that made the offer does (RFC 8445 section 6.1.1). Only an offer says {@code
   * actpass}.
   */
  boolean weControl() {
    return iceLite || setup != Setup.ACTPASS;
  }
}
