package io.spillway.rtc.signal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One media section ({@code m=}) of a session description.
 *
 * @param kind {@code audio}, {@code video} or {@code application}
 * @param port 0 when the section is rejected
 * @param protocol e.g. {@code UDP/TLS/RTP/SAVPF}
 * @param formats payload type numbers, or {@code webrtc-datachannel}
 */
public record SdpMedia(
    String kind, int port, String protocol, List<String> formats, SdpAttributes attributes) {
  /** Which way media flows, as the writer of the description sees it. */
  public enum Direction {
    SENDRECV,
    SENDONLY,
    RECVONLY,
    INACTIVE;

    /** Whether the writer of the description sends. */
    public boolean sends() {
      return this == SENDRECV || this == SENDONLY;
    }

    String attribute() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the formats. */
  public SdpMedia {
    formats = List.copyOf(formats);
  }

  /** The section's id within its BUNDLE; empty when it has none. */
  public String mid() {
    return attributes.first("mid").orElse("");
  }

  /** {@code sendrecv} unless another is named (RFC 8866, 6.7). */
  public Direction direction() {
    for (Direction direction : Direction.values()) {
      if (attributes.has(direction.attribute())) {
        return direction;
      }
    }
    return Direction.SENDRECV;
  }

  /** Payload type number → {@code encoding/clock[/channels]}, in the order of the lines. */
  public Map<Integer, String> rtpMaps() {
    return byPayloadType("rtpmap");
  }

  /** Payload type number → its format parameters. */
  public Map<Integer, String> formatParameters() {
    return byPayloadType("fmtp");
  }

  /** Format parameters as a map by lower-case name; one without a value maps to "". */
  public static Map<String, String> parameters(String line) {
    Map<String, String> found = new LinkedHashMap<>();
    int from = 0;
    while (from <= line.length()) {
      int end = line.indexOf(';', from);
      String part = (end < 0 ? line.substring(from) : line.substring(from, end)).trim();
      int equals = part.indexOf('=');
      String name = (equals < 0 ? part : part.substring(0, equals)).trim();
      if (!name.isEmpty()) {
        found.put(
            name.toLowerCase(Locale.ROOT), equals < 0 ? "" : part.substring(equals + 1).trim());
      }
      if (end < 0) {
        break;
      }
      from = end + 1;
    }
    return found;
  }

  private Map<Integer, String> byPayloadType(String attribute) {
    Map<Integer, String> found = new LinkedHashMap<>();
    for (String line : attributes.all(attribute)) {
      int space = line.indexOf(' ');
      OptionalInt number = space < 0 ? OptionalInt.empty() : payloadType(line.substring(0, space));
      number.ifPresent(value -> found.putIfAbsent(value, line.substring(space + 1).trim()));
    }
    return found;
  }

  /** A payload type number, empty unless it is one of seven bits. */
  static OptionalInt payloadType(String text) {
    if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalInt.empty();
    }
    int value = Integer.parseInt(text);
    return value > 127 ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
