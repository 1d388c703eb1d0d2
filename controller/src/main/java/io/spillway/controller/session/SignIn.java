package io.spillway.controller.session;

import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenCheck;
import io.spillway.core.token.TokenVerifier;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who may come in. Whoever holds an API key with its secret could start and stop everything over
 * the API anyway, and so could the holder of a token that grants {@code roomRecord}: both are
 * administrators here. Those who shall only look get {@code dashboard.viewer_token}. Thread-safe.
 */
final class SignIn {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SessionSettings settings;
  private final ApiKeys keys;
  private final TokenVerifier tokens;
  private final TimeSource time;

  SignIn(SessionSettings settings, ApiKeys keys, TimeSource time) {
    this.settings = settings;
    this.keys = keys;
    this.tokens = new TokenVerifier(keys, time);
    this.time = time;
  }

  /** What became of an attempt. */
  sealed interface Answer {
    /** May come in, until then at most (Unix time). */
    record Granted(Role role, long untilUnixSeconds) implements Answer {}

    /** May not; the sentence says why and what would do. */
    record Refused(String sentence) implements Answer {}
  }

  /** Somebody pasted a token: one of the configuration's, or LiveKit's. */
  Answer withToken(String given) {
    String token = given.strip();
    if (token.isEmpty()) {
      return new Answer.Refused("Paste a token, or give an API key with its secret.");
    }
    if (matches(settings.adminToken(), token)) {
      return granted(Role.ADMIN, Long.MAX_VALUE);
    }
    if (matches(settings.viewerToken(), token)) {
      return granted(Role.VIEWER, Long.MAX_VALUE);
    }
    return switch (tokens.check(token)) {
      case TokenCheck.Accepted accepted when accepted.grants().roomRecord() ->
          granted(Role.ADMIN, expiry(token));
      case TokenCheck.Accepted accepted ->
          new Answer.Refused(
              "The token is genuine, but doesn't grant roomRecord. Make one that does, for example"
                  + " with: lk token create --grant '{\"roomRecord\": true}'.");
      case TokenCheck.Refused refused ->
          new Answer.Refused(
              token.indexOf('.') < 0
                  ? "This is none of the dashboard's tokens."
                  : "The token was not accepted: " + refused.text() + ".");
    };
  }

  /** Somebody gave an API key with its secret. */
  Answer withKey(String key, String secret) {
    boolean right =
        keys.find(key.strip()).filter(known -> same(known.secret(), secret.strip())).isPresent();
    return right
        ? granted(Role.ADMIN, Long.MAX_VALUE)
        : new Answer.Refused("API key and secret don't belong together, or the key is unknown.");
  }

  private Answer granted(Role role, long notAfterSeconds) {
    long now = Math.floorDiv(time.unixNanos(), Duration.ofSeconds(1).toNanos());
    long until = Math.min(notAfterSeconds, now + settings.life().toSeconds());
    return new Answer.Granted(role, until);
  }

  private static boolean matches(Optional<String> expected, String given) {
    return expected.filter(token -> same(token, given)).isPresent();
  }

  /** Takes as long for a near miss as for a far one. */
  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  /** A session must not outlive the token that opened it. The token was checked before. */
  private static long expiry(String token) {
    try {
      String claims = List.of(token.split("\\.", -1)).get(1);
      JsonNode expires = JSON.readTree(Base64.getUrlDecoder().decode(claims)).path("exp");
      return (long) expires.asDouble(0);
    } catch (IllegalArgumentException | JacksonException unreadable) {
      return 0;
    }
  }
}
