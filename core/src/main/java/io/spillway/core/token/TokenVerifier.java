package io.spillway.core.token;

import io.spillway.core.time.TimeSource;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks tokens as livekit-server does (livekit/protocol auth/verifier.go): only HS256, the issuer
 * is the API key, {@code exp} is required, and a minute of leeway on {@code exp} and {@code nbf}
 * for clocks that differ. Thread-safe.
 */
public final class TokenVerifier {
  private static final double LEEWAY_SECONDS = 60;
  private static final int LONGEST_TOKEN = 16 * 1024;
  private static final String INVALID = "invalid authorization token";

  private final ApiKeys keys;
  private final TimeSource time;

  /** Accepts tokens signed with any of {@code keys}. */
  public TokenVerifier(ApiKeys keys, TimeSource time) {
    this.keys = keys;
    this.time = time;
  }

  /** Whether the token is genuine, and what it allows. */
  public TokenCheck check(String token) {
    Optional<Parts> read = token.length() > LONGEST_TOKEN ? Optional.empty() : Parts.of(token);
    if (read.isEmpty()) {
      return new TokenCheck.Refused(INVALID, "");
    }
    Parts parts = read.get();
    String issuer = parts.claims().path("iss").asString("");
    Optional<ApiKey> key = keys.find(issuer);
    if (key.isEmpty()) {
      return new TokenCheck.Refused("invalid API key", issuer);
    }
    List<String> wrong = faults(parts, key.get());
    return wrong.isEmpty()
        ? new TokenCheck.Accepted(issuer, identity(parts.claims()), grants(parts.claims()))
        : new TokenCheck.Refused(INVALID + ": " + String.join(", ", wrong), issuer);
  }

  private List<String> faults(Parts parts, ApiKey key) {
    String algorithm = parts.header().path("alg").asString("");
    if (!algorithm.equals("HS256")) {
      return List.of("token signature is invalid: signing method " + algorithm + " is invalid");
    }
    byte[] given = Jws.bytes(parts.signature()).orElseThrow();
    if (!MessageDigest.isEqual(Jws.sign(key, parts.signed()), given)) {
      return List.of("token signature is invalid: signature is invalid");
    }
    List<String> faults = new ArrayList<>();
    double now = time.unixNanos() / 1e9;
    JsonNode expires = parts.claims().path("exp");
    if (!expires.isNumber()) {
      faults.add("token is missing required claim: exp claim is required");
    } else if (now >= expires.doubleValue() + LEEWAY_SECONDS) {
      faults.add("token is expired");
    }
    JsonNode notBefore = parts.claims().path("nbf");
    if (notBefore.isNumber() && now < notBefore.doubleValue() - LEEWAY_SECONDS) {
      faults.add("token is not valid yet");
    }
    if (!faults.isEmpty()) {
      faults.set(0, "token has invalid claims: " + faults.getFirst());
    }
    return faults;
  }

  private static String identity(ObjectNode claims) {
    String subject = claims.path("sub").asString("");
    return subject.isEmpty() ? claims.path("jti").asString("") : subject;
  }

  private static Grants grants(ObjectNode claims) {
    JsonNode video = claims.path("video");
    return new Grants(
        allows(video, "roomRecord"),
        allows(video, "roomList"),
        allows(video, "roomCreate"),
        allows(video, "roomAdmin"),
        allows(video, "roomJoin"),
        video.path("room").asString(""));
  }

  /** Only a JSON {@code true} allows: the string "true" would be somebody's mistake. */
  private static boolean allows(JsonNode video, String grant) {
    JsonNode node = video.path(grant);
    return node.isBoolean() && node.booleanValue();
  }

  /** A token taken apart; nothing of it is believed yet. */
  private record Parts(ObjectNode header, ObjectNode claims, String signed, String signature) {
    static Optional<Parts> of(String token) {
      int first = token.indexOf('.');
      int second = token.indexOf('.', first + 1);
      if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
        return Optional.empty();
      }
      Optional<ObjectNode> header = Jws.object(token.substring(0, first));
      Optional<ObjectNode> claims = Jws.object(token.substring(first + 1, second));
      String signature = token.substring(second + 1);
      if (header.isEmpty() || claims.isEmpty() || Jws.bytes(signature).isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new Parts(header.get(), claims.get(), token.substring(0, second), signature));
    }
  }
}
