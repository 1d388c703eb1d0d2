package io.spillway.core.token;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The compact form of a signed token (RFC 7515 section 7.1) and its HS256 signature. */
final class Jws {
  /** Doubled claims are refused: two readers could take two different ones. */
  static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final String ALGORITHM = "HmacSHA256";

  private Jws() {}

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Unpadded base64url, as RFC 7515 wants it; empty for anything else. */
  static Optional<byte[]> bytes(String base64) {
    if (base64.indexOf('=') >= 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getUrlDecoder().decode(base64));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** The JSON object that a part of a token holds. */
  static Optional<ObjectNode> object(String base64) {
    return bytes(base64).flatMap(Jws::parse);
  }

  private static Optional<ObjectNode> parse(byte[] json) {
    try {
      JsonNode node = JSON.readTree(json);
      return node instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("this Java has no SHA-256", absent);
    }
  }

  static byte[] sign(ApiKey key, String signed) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key.secret().getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("this Java has no " + ALGORITHM, absent);
    }
  }
}
