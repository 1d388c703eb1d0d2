package io.spillway.core.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.time.SimulatedTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class TokensTest {
  private static final ApiKey DEV = new ApiKey("devkey", "secret");
  private static final ApiKey OTHER = new ApiKey("other", "another-secret");

  private final SimulatedTime time = new SimulatedTime();
  private final TokenSigner signer = new TokenSigner(DEV, time);
  private final TokenVerifier verifier = new TokenVerifier(new ApiKeys(List.of(DEV, OTHER)), time);

  @Test
  void aTokenOfOursIsAcceptedWithItsGrants() {
    assertThat(verifier.check(signer.recordRooms(Duration.ofMinutes(1))))
        .isEqualTo(
            new TokenCheck.Accepted(
                "devkey", "", new Grants(true, false, false, false, false, "")));
    assertThat(verifier.check(signer.administerRoom("studio")))
        .isEqualTo(
            new TokenCheck.Accepted(
                "devkey", "", new Grants(false, false, false, true, false, "studio")));
    assertThat(verifier.check(new TokenSigner(OTHER, time).listRooms()))
        .isEqualTo(
            new TokenCheck.Accepted("other", "", new Grants(false, true, false, false, false, "")));
  }

  @Test
  void theRecordersTokenJoinsHiddenAndOnlySubscribesForADay() {
    ObjectNode claims = claims(signer.egressParticipant("EG_abc", "studio"));
    assertThat(claims.path("sub").asString()).isEqualTo("EG_abc");
    assertThat(claims.path("kind").asString()).isEqualTo("egress");
    assertThat(claims.path("exp").longValue() - claims.path("nbf").longValue()).isEqualTo(86_400);
    assertThat(claims.path("video").toString())
        .isEqualTo(
            "{\"roomJoin\":true,\"room\":\"studio\",\"canPublish\":false,\"canSubscribe\":true,"
                + "\"canPublishData\":false,\"hidden\":true,\"recorder\":true}");
  }

  @Test
  void theSignatureIsThatOfPyJwt() {
    // jwt.encode({"iss": "devkey"}, "secret", "HS256") with PyJWT 2.15.1.
    assertThat(signed("HS256", "{\"iss\":\"devkey\"}", DEV))
        .isEqualTo(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkZXZrZXkifQ."
                + "Akw2Qk4yGIx4j2cNxqj-pVUAFu1wLHZVJAhMOjG2XHk");
  }

  @Test
  void anExpiredTokenIsRefusedAfterAMinuteOfLeeway() {
    String token = signer.recordRooms(Duration.ofSeconds(10));
    time.advance(Duration.ofSeconds(69));
    assertThat(verifier.check(token)).isInstanceOf(TokenCheck.Accepted.class);
    time.advance(Duration.ofSeconds(2));
    assertThat(verifier.check(token))
        .isEqualTo(
            refused("invalid authorization token: token has invalid claims: token is expired"));
  }

  @Test
  void aTokenFromTheFutureIsRefusedBeyondAMinuteOfLeeway() {
    SimulatedTime ahead = new SimulatedTime();
    ahead.advance(Duration.ofSeconds(59));
    TokenSigner early = new TokenSigner(DEV, ahead);
    assertThat(verifier.check(early.listRooms())).isInstanceOf(TokenCheck.Accepted.class);
    ahead.advance(Duration.ofSeconds(3));
    assertThat(verifier.check(early.listRooms()))
        .isEqualTo(
            refused(
                "invalid authorization token: token has invalid claims: token is not valid yet"));
  }

  @Test
  void aTokenWithoutAnEndIsRefused() {
    assertThat(verifier.check(signed("HS256", "{\"iss\":\"devkey\"}", DEV)))
        .isEqualTo(
            refused(
                "invalid authorization token: token has invalid claims: "
                    + "token is missing required claim: exp claim is required"));
  }

  @Test
  void aForeignSecretAChangedClaimAndOtherAlgorithmsAreRefused() {
    String exp = "\"exp\":" + (time.unixNanos() / 1_000_000_000L + 600);
    String claims = "{\"iss\":\"devkey\"," + exp + ",\"video\":{\"roomRecord\":true}}";
    ApiKey forged = new ApiKey("devkey", "guess");
    TokenCheck badSignature =
        refused("invalid authorization token: token signature is invalid: signature is invalid");
    assertThat(verifier.check(signed("HS256", claims, DEV)))
        .isInstanceOf(TokenCheck.Accepted.class);
    assertThat(verifier.check(signed("HS256", claims, forged))).isEqualTo(badSignature);
    String[] parts = signed("HS256", claims, DEV).split("\\.", -1);
    String wider =
        Jws.base64(claims.replace("roomRecord", "roomAdmin ").getBytes(StandardCharsets.UTF_8));
    assertThat(verifier.check(parts[0] + "." + wider + "." + parts[2])).isEqualTo(badSignature);
    for (String algorithm : List.of("none", "HS512", "RS256")) {
      assertThat(verifier.check(signed(algorithm, claims, DEV)))
          .as(algorithm)
          .isEqualTo(
              refused(
                  "invalid authorization token: token signature is invalid: signing method "
                      + algorithm
                      + " is invalid"));
    }
  }

  @Test
  void anUnknownKeyIsRefusedByThatName() {
    TokenSigner stranger = new TokenSigner(new ApiKey("stranger", "secret"), time);
    assertThat(verifier.check(stranger.listRooms()))
        .isEqualTo(new TokenCheck.Refused("invalid API key", "stranger"));
  }

  @Test
  void onlyAJsonTrueGrants() {
    long exp = time.unixNanos() / 1_000_000_000L + 600;
    for (String value : List.of("\"true\"", "1", "null", "[true]", "{}")) {
      String claims =
          "{\"iss\":\"devkey\",\"exp\":" + exp + ",\"video\":{\"roomRecord\":" + value + "}}";
      assertThat(verifier.check(signed("HS256", claims, DEV)))
          .as(value)
          .isEqualTo(new TokenCheck.Accepted("devkey", "", Grants.NONE));
    }
  }

  @Test
  void whatIsNoTokenIsRefusedWithoutAReason() {
    TokenCheck refused = new TokenCheck.Refused("invalid authorization token", "");
    String good = signer.listRooms();
    for (String text :
        List.of("", ".", "..", "a.b.c", good + ".x", good + "=", "x" + good, "a".repeat(20_000))) {
      assertThat(verifier.check(text)).as(text).isEqualTo(refused);
    }
    String doubled = signed("HS256", "{\"iss\":\"devkey\",\"iss\":\"other\"}", DEV);
    assertThat(verifier.check(doubled)).isEqualTo(refused);
  }

  @Test
  void noRandomChangeOfATokenIsAcceptedOrThrows() {
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      char[] token = signer.recordRooms(Duration.ofMinutes(1)).toCharArray();
      int at = random.nextInt(token.length - 1); // the last character holds spare bits
      char other = (char) (33 + random.nextInt(94));
      if (other == token[at]) {
        continue;
      }
      token[at] = other;
      assertThat(verifier.check(new String(token)))
          .as("seed %d", seed)
          .isInstanceOf(TokenCheck.Refused.class);
    }
  }

  @Test
  void keysAreCheckedAndNeverPrinted() {
    assertThat(new ApiKeys(List.of(DEV, OTHER)).toString()).doesNotContain("secret");
    assertThatThrownBy(() -> ApiKeys.of("key", "")).hasMessageContaining("'key'");
    assertThatThrownBy(() -> new ApiKeys(List.of(DEV, DEV))).hasMessageContaining("twice");
    assertThatThrownBy(() -> new ApiKeys(List.of())).hasMessageContaining("at least one");
  }

  private static TokenCheck refused(String text) {
    return new TokenCheck.Refused(text, "devkey");
  }

  private static String signed(String algorithm, String claims, ApiKey key) {
    String header = "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}";
    String signed =
        Jws.base64(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + Jws.base64(claims.getBytes(StandardCharsets.UTF_8));
    return signed + "." + Jws.base64(Jws.sign(key, signed));
  }

  private static ObjectNode claims(String token) {
    Optional<ObjectNode> claims = Jws.object(token.split("\\.", -1)[1]);
    return claims.orElseThrow();
  }
}
