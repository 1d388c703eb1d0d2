package io.spillway.rtc.ice;

import java.util.List;

/**
 * What signalling tells the peer about our side.
 *
 * @param ufrag ICE user name fragment
 * @param password ICE password
 * @param fingerprint SHA-256 of our DTLS certificate, upper-case hex with colons
 * @param candidates candidate lines without {@code a=}, for example {@code candidate:1 1 udp
 *     2130706431 127.0.0.1 4000 typ host}
 * @param port the local UDP port
 */
public record LocalParameters(
    String ufrag, String password, String fingerprint, List<String> candidates, int port) {
  /** Copies the list. */
  public LocalParameters {
    candidates = List.copyOf(candidates);
  }
}
