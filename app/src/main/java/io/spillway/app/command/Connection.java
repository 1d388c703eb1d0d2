package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that talks to a running Spillway (or any LiveKit egress API). */
final class Connection {
  private static final Duration TOKEN_VALID = Duration.ofMinutes(10);

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The API's address (default: SPILLWAY_URL, else http://127.0.0.1:7990).")
  private Optional<String> url = Optional.empty();

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description = "API key (default: LIVEKIT_API_KEY).")
  private Optional<String> apiKey = Optional.empty();

  @Option(
      names = "--api-secret",
      paramLabel = "SECRET",
      description = {
        "API secret (default: LIVEKIT_API_SECRET).",
        "Prefer the variable: arguments are seen by everyone on this machine."
      })
  private Optional<String> apiSecret = Optional.empty();

  EgressClient open(Terminal terminal) {
    URI base = address(terminal);
    String key = required(apiKey, terminal, "LIVEKIT_API_KEY", "--api-key");
    String secret = required(apiSecret, terminal, "LIVEKIT_API_SECRET", "--api-secret");
    TokenSigner signer = new TokenSigner(new ApiKey(key, secret), terminal.time());
    return new EgressClient(base, () -> signer.recordRooms(TOKEN_VALID));
  }

  private URI address(Terminal terminal) {
    String given = url.or(() -> terminal.variable("SPILLWAY_URL")).orElse("http://127.0.0.1:7990");
    try {
      URI uri = URI.create(given.endsWith("/") ? given : given + "/");
      String scheme = uri.getScheme();
      if (uri.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
        return uri;
      }
    } catch (IllegalArgumentException malformed) {
      throw new UsageException("--url: not an address: " + given, malformed);
    }
    throw new UsageException("--url: expected http://HOST:PORT, found " + given);
  }

  private static String required(
      Optional<String> option, Terminal terminal, String variable, String name) {
    return option
        .or(() -> terminal.variable(variable))
        .orElseThrow(
            () -> new UsageException("no API key: set " + variable + " (or " + name + ")"));
  }
}
