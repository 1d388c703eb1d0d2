package io.spillway.core.token;

import io.spillway.core.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** Makes tokens with one API key. Thread-safe. */
public final class TokenSigner {
  /**
   * LiveKit gives its recorders a day: a token is checked at each join, so it outlives re-joins.
   */
  private static final Duration RECORDER_VALID = Duration.ofHours(24);

  private static final Duration WEBHOOK_VALID = Duration.ofMinutes(5);
  private static final Duration CALL_VALID = Duration.ofMinutes(10);
  private static final String HEADER =
      Jws.base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));

  private final Supplier<ApiKey> key;
  private final TimeSource time;

  /** Signs with {@code key}; times come from the wall clock of {@code time}. */
  public TokenSigner(ApiKey key, TimeSource time) {
    this(() -> key, time);
  }

  private TokenSigner(Supplier<ApiKey> key, TimeSource time) {
    this.key = key;
    this.time = time;
  }

  /** Signs with whatever key of {@code keys} is the signing one at that moment. */
  public static TokenSigner with(ApiKeys keys, TimeSource time) {
    return new TokenSigner(keys::signing, time);
  }

  /**
   * For the hidden participant that records: identity is the egress id, it only subscribes
   * (livekit/protocol egress/token.go).
   */
  public String egressParticipant(String egressId, String room) {
    return sign(
        RECORDER_VALID,
        claims -> {
          claims.put("sub", egressId).put("identity", egressId).put("kind", "egress");
          claims
              .putObject("video")
              .put("roomJoin", true)
              .put("room", room)
              .put("canPublish", false)
              .put("canSubscribe", true)
              .put("canPublishData", false)
              .put("hidden", true)
              .put("recorder", true);
        });
  }

  /** For an ordinary participant that publishes and subscribes. */
  public String participant(String identity, String room, Duration validFor) {
    return sign(
        validFor,
        claims -> {
          claims.put("sub", identity).put("identity", identity).put("name", identity);
          claims.putObject("video").put("roomJoin", true).put("room", room);
        });
  }

  /** For RoomService.ListRooms. */
  public String listRooms() {
    return sign(CALL_VALID, claims -> claims.putObject("video").put("roomList", true));
  }

  /** For the RoomService methods that act on one room. */
  public String administerRoom(String room) {
    return sign(
        CALL_VALID, claims -> claims.putObject("video").put("roomAdmin", true).put("room", room));
  }

  /** For the Egress service. */
  public String recordRooms(Duration validFor) {
    return sign(validFor, claims -> claims.putObject("video").put("roomRecord", true));
  }

  /** For a node that reports to its controllers: only who has an API key's secret can make it. */
  public String fleet() {
    return administerRoom(Grants.FLEET);
  }

  /**
   * For a webhook with this body, as livekit-server signs it (livekit/protocol webhook): valid for
   * five minutes, so made anew for each attempt.
   */
  public String webhook(byte[] body) {
    String hash = Base64.getEncoder().encodeToString(Jws.sha256(body));
    return sign(WEBHOOK_VALID, claims -> claims.put("sha256", hash));
  }

  private String sign(Duration validFor, Consumer<ObjectNode> grants) {
    long now = Math.floorDiv(time.unixNanos(), 1_000_000_000L);
    ObjectNode claims = Jws.JSON.createObjectNode();
    ApiKey signing = key.get();
    claims.put("iss", signing.key()).put("iat", now).put("nbf", now);
    claims.put("exp", now + validFor.toSeconds());
    grants.accept(claims);
    String signed = HEADER + "." + Jws.base64(Jws.JSON.writeValueAsBytes(claims));
    return signed + "." + Jws.base64(Jws.sign(signing, signed));
  }
}
