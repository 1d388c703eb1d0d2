package io.spillway.controller.api;

import io.spillway.core.token.ApiKeys;
import java.time.Duration;

/**
 * How the HTTP surface is served.
 *
 * @param host address to listen on
 * @param port to listen on; 0 for any free one
 * @param keys whose tokens are accepted
 * @param bodyLimitBytes the longest request body; LiveKit takes 10 MiB
 * @param bodyTimeout for the whole body to come
 * @param idleTimeout after which a silent connection is closed
 * @param connectionLimit connections at once; further ones wait to be accepted
 * @param closeTimeout how long requests under way may go on when the server is closed
 * @param version of the program, for people
 */
public record ApiSettings(
    String host,
    int port,
    ApiKeys keys,
    int bodyLimitBytes,
    Duration bodyTimeout,
    Duration idleTimeout,
    int connectionLimit,
    Duration closeTimeout,
    String version) {
  /** Checks limits. */
  public ApiSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be 0 to 65535, was " + port);
    }
    if (bodyLimitBytes < 1 || connectionLimit < 1) {
      throw new IllegalArgumentException("limits of the API must be at least 1");
    }
  }

  /** The usual limits, on localhost. */
  public static ApiSettings of(ApiKeys keys) {
    return new ApiSettings(
        "127.0.0.1",
        7990,
        keys,
        1 << 20,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        1000,
        Duration.ofSeconds(5),
        "development");
  }

  /** The same at another address. */
  public ApiSettings at(String newHost, int newPort) {
    return new ApiSettings(
        newHost,
        newPort,
        keys,
        bodyLimitBytes,
        bodyTimeout,
        idleTimeout,
        connectionLimit,
        closeTimeout,
        version);
  }
}
