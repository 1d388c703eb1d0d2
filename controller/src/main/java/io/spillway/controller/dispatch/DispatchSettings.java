package io.spillway.controller.dispatch;

import java.net.URI;
import java.time.Duration;

/**
 * Where egresses are sent and how long that may take.
 *
 * @param livekitUrl of the server that is recorded, {@code ws(s)://} or {@code http(s)://}; nodes
 *     are told to join it
 * @param cluster the nodes' {@code cluster_id}; usually empty
 * @param startTimeout from the request to the answer, all tries included
 * @param stopTimeout for each try to reach the node that has an egress
 * @param stopTries how often it is tried: psrpc loses a message now and then, and a stop may come
 *     before the node listens under the egress's id
 */
public record DispatchSettings(
    URI livekitUrl, String cluster, Duration startTimeout, Duration stopTimeout, int stopTries) {
  /** Checks scheme, waits and tries. */
  public DispatchSettings {
    String scheme = String.valueOf(livekitUrl.getScheme());
    if (!scheme.matches("wss?|https?")) {
      throw new IllegalArgumentException(
          "LiveKit's URL must begin with ws://, wss://, http:// or https://, was " + livekitUrl);
    }
    if (startTimeout.isNegative() || startTimeout.isZero() || stopTimeout.isNegative()) {
      throw new IllegalArgumentException("time-outs of dispatch must be positive");
    }
    if (stopTries < 1) {
      throw new IllegalArgumentException("stopTries must be at least 1, was " + stopTries);
    }
  }

  /** The usual waits. */
  public static DispatchSettings of(URI livekitUrl) {
    return new DispatchSettings(livekitUrl, "", Duration.ofSeconds(10), Duration.ofSeconds(3), 3);
  }

  /** The address as nodes get it: {@code ws://} or {@code wss://}. */
  public String joinUrl() {
    String address = livekitUrl.toString();
    return address.startsWith("http") ? "ws" + address.substring(4) : address;
  }
}
