package io.spillway.rpc.wire;

/**
 * Names of channels: the parts that are not empty, joined by {@code |}. What is not a letter, a
 * digit or an underscore of ASCII is written as its code point, so that a topic can't be mistaken
 * for a separator (livekit/psrpc pkg/info/channels.go).
 */
public final class Channels {
  private static final String HEX = "0123456789abcdef";

  private Channels() {}

  /** Where servers hear requests. */
  public static String request(String service, String method, String topic) {
    return name(service, method, topic, "REQ");
  }

  /** Where servers hear which of them was chosen. */
  public static String claimResponse(String service, String method, String topic) {
    return name(service, method, topic, "RCLAIM");
  }

  /** Where a client hears claims. */
  public static String claim(String service, String clientId) {
    return name(service, clientId, "CLAIM");
  }

  /** Where a client hears answers. */
  public static String response(String service, String clientId) {
    return name(service, clientId, "RES");
  }

  private static String name(String... parts) {
    StringBuilder name = new StringBuilder(64);
    for (String part : parts) {
      if (part.isEmpty()) {
        continue;
      }
      if (!name.isEmpty()) {
        name.append('|');
      }
      part.codePoints().forEach(point -> append(name, point));
    }
    return name.toString();
  }

  private static void append(StringBuilder name, int point) {
    if (isPlain(point)) {
      name.append((char) point);
    } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
      append(name, 0xFFFD); // half a pair: Go reads broken UTF-8 as this character
    } else if (point < 0x10000) {
      hex(name.append("u+"), point, 12);
    } else {
      hex(name.append("U+"), point, 28);
    }
  }

  private static boolean isPlain(int point) {
    return (point >= '0' && point <= '9')
        || (point >= 'A' && point <= 'Z')
        || (point >= 'a' && point <= 'z')
        || point == '_';
  }

  private static void hex(StringBuilder name, int point, int highestShift) {
    for (int shift = highestShift; shift >= 0; shift -= 4) {
      name.append(HEX.charAt((point >> shift) & 0xF));
    }
  }
}
