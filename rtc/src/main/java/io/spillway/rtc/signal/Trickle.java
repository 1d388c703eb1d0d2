package io.spillway.rtc.signal;

import java.util.Optional;

/**
 * The candidate line inside a trickle message, which is a small JSON object: {@code
 * {"candidate":"candidate:…","sdpMid":"0",…}}. The line itself can hold no quote or backslash, so
 * no JSON reader is needed to cut it out.
 */
public final class Trickle {
  private static final int MAX_CHARS = 4_096;

  private Trickle() {}

  /** The candidate line, empty when there is none (end of candidates, or nonsense). */
  public static Optional<String> candidate(String json) {
    int from = json.indexOf("candidate:");
    if (from < 0 || json.length() > MAX_CHARS) {
      return Optional.empty();
    }
    int end = json.indexOf('"', from);
    return end < 0 ? Optional.empty() : Optional.of(json.substring(from, end));
  }
}
