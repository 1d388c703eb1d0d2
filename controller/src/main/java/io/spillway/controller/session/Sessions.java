package io.spillway.controller.session;

import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sessions as signed cookies: role and end, with an HMAC. Nothing is kept here, so that any
 * controller with the same keys takes them and a restart signs nobody out. The signing key is
 * derived from the API secret and the dashboard's tokens: changing any of them ends all sessions.
 * Thread-safe.
 */
public final class Sessions {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String VERSION = "1";
  private static final int LONGEST_COOKIE = 256;

  private final SecretKeySpec key;
  private final TimeSource time;

  Sessions(SessionSettings settings, ApiKeys keys, TimeSource time) {
    String purpose =
        String.join(
            "\n",
            "spillway dashboard session",
            settings.viewerToken().orElse(""),
            settings.adminToken().orElse(""));
    byte[] secret = keys.signing().secret().getBytes(StandardCharsets.UTF_8);
    this.key = new SecretKeySpec(mac(new SecretKeySpec(secret, ALGORITHM), purpose), ALGORITHM);
    this.time = time;
  }

  /** Who comes with a cookie. */
  public record Session(Role role, long untilUnixSeconds) {}

  /** The cookie's value for a session. */
  String seal(Session session) {
    String text =
        String.join("|", VERSION, session.role().word(), Long.toString(session.untilUnixSeconds()));
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(text.getBytes(StandardCharsets.UTF_8))
        + "."
        + encoder.encodeToString(mac(key, text));
  }

  /** The session of a cookie's value, if it is ours and not over. */
  Optional<Session> open(String cookie) {
    int dot = cookie.indexOf('.');
    if (dot < 0 || cookie.length() > LONGEST_COOKIE) {
      return Optional.empty();
    }
    try {
      Base64.Decoder decoder = Base64.getUrlDecoder();
      String text = new String(decoder.decode(cookie.substring(0, dot)), StandardCharsets.UTF_8);
      byte[] given = decoder.decode(cookie.substring(dot + 1));
      if (!MessageDigest.isEqual(mac(key, text), given)) {
        return Optional.empty();
      }
      return read(text).filter(session -> session.untilUnixSeconds() > nowSeconds());
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  private static Optional<Session> read(String text) {
    List<String> parts = List.of(text.split("\\|", -1));
    if (parts.size() != 3 || !parts.getFirst().equals(VERSION)) {
      return Optional.empty(); // of a later version: sign in again
    }
    for (Role role : Role.values()) {
      if (role.word().equals(parts.get(1))) {
        return Optional.of(new Session(role, Long.parseLong(parts.get(2))));
      }
    }
    return Optional.empty();
  }

  /** Seconds that a session has left. */
  long secondsLeft(Session session) {
    return Math.max(0, session.untilUnixSeconds() - nowSeconds());
  }

  private long nowSeconds() {
    return Math.floorDiv(time.unixNanos(), 1_000_000_000L);
  }

  private static byte[] mac(SecretKeySpec key, String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, missing);
    }
  }
}
