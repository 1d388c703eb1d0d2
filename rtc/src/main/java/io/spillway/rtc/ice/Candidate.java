package io.spillway.rtc.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A UDP candidate (RFC 8839 section 5.1). Those over TCP, those of a second component and those
 * with host names (mDNS) aren't ours to use and aren't read.
 *
 * @param address where to send
 * @param priority as its owner gave it
 */
record Candidate(InetSocketAddress address, long priority) {
  private static final int HOST_PREFERENCE = 126; // RFC 8445 section 5.1.2.2
  private static final long PEER_REFLEXIVE_PREFERENCE = 110;
  private static final int MOST_LOCAL_PREFERENCE = 65_535;
  private static final int FIELDS = 8;
  private static final int MOST_CHARACTERS = 1024;

  /**
   * Reads a line such as {@code candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host}, with or
   * without {@code a=}; empty when it is of a kind that we don't use, or nonsense.
   */
  static Optional<Candidate> parse(String line) {
    int start = line.indexOf("candidate:");
    if (start < 0 || line.length() > MOST_CHARACTERS) {
      return Optional.empty();
    }
    List<String> fields = List.of(line.substring(start).strip().split("\\s+", -1));
    if (fields.size() < FIELDS
        || !fields.get(1).equals("1")
        || !fields.get(2).equalsIgnoreCase("udp")) {
      return Optional.empty();
    }
    try {
      InetAddress address = InetAddress.ofLiteral(fields.get(4)); // never asks a name server
      int port = Integer.parseInt(fields.get(5));
      long priority = Long.parseLong(fields.get(3));
      return port < 1 || port > 65_535 || address.isAnyLocalAddress()
          ? Optional.empty()
          : Optional.of(new Candidate(new InetSocketAddress(address, port), priority));
    } catch (IllegalArgumentException nonsense) {
      return Optional.empty();
    }
  }

  /** The candidate lines of our addresses, the first liked best. */
  static List<String> hostLines(List<InetAddress> addresses, int port) {
    return addresses.stream()
        .map(address -> hostLine(address, port, addresses.indexOf(address)))
        .toList();
  }

  private static String hostLine(InetAddress address, int port, int place) {
    return "candidate:%d 1 udp %d %s %d typ host"
        .formatted(place + 1, hostPriority(place), text(address), port);
  }

  static long hostPriority(int place) {
    return ((long) HOST_PREFERENCE << 24) | ((MOST_LOCAL_PREFERENCE - place) << 8) | 255;
  }

  /** What a peer-reflexive candidate of ours would have: PRIORITY in checks (section 7.1.1). */
  static long peerReflexivePriority() {
    return (PEER_REFLEXIVE_PREFERENCE << 24) | (MOST_LOCAL_PREFERENCE << 8) | 255;
  }

  private static String text(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return address instanceof Inet6Address && zone > 0 ? text.substring(0, zone) : text;
  }
}
