package io.spillway.controller.idempotency;

import static io.spillway.controller.ControllerFixture.trackRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.spillway.controller.ControllerFixture;
import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.controller.FakeNode;
import io.spillway.core.token.TokenSigner;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.keys.StartKey;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Idempotency-Key over real HTTP. */
final class IdempotentStartsTest {
  @TempDir private Path folder;
  private ControllerFixture at;
  private FakeNode node;

  @BeforeEach
  void open() throws Exception {
    at = new ControllerFixture(folder);
    node = at.node();
  }

  @AfterEach
  void close() {
    node.close();
    at.close();
  }

  private Answer start(String key, Message request) throws Exception {
    return start(key, at.token(), "application/protobuf", request.toByteArray());
  }

  private Answer start(String key, String token, String type, byte[] body) throws Exception {
    return at.send(
        HttpRequest.newBuilder(at.url("/twirp/livekit.Egress/StartTrackEgress"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", type)
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofByteArray(body)));
  }

  private static String id(Answer answer) throws Exception {
    return answer.as(EgressInfo.parser()).getEgressId();
  }

  @Test
  void aRepeatedStartGetsTheEgressOfTheFirst() throws Exception {
    String first = id(start("k-1", trackRequest()));
    node.create(at.stored(first));
    assertThat(id(start("k-1", trackRequest()))).isEqualTo(first);
    Answer json =
        start(
            "k-1",
            at.token(),
            "application/json",
            JsonFormat.printer().print(trackRequest()).getBytes(StandardCharsets.UTF_8));
    assertThat(json.json().path("egress_id").asString()).isEqualTo(first);
    assertThat(json.header("Spillway-Egress-Id")).isEqualTo(first);
    assertThat(node.requests()).hasSize(1);
    assertThat(id(start("k-2", trackRequest()))).isNotEqualTo(first);
  }

  @Test
  void withoutAKeyEveryCallIsAStart() throws Exception {
    assertThat(id(at.call("StartTrackEgress", trackRequest())))
        .isNotEqualTo(id(at.call("StartTrackEgress", trackRequest())));
  }

  @Test
  void anotherRequestUnderTheKeyIsRefused() throws Exception {
    String first = id(start("k-1", trackRequest()));
    TrackEgressRequest other = trackRequest().toBuilder().setTrackId("TR_2").build();
    assertThat(start("k-1", other).error())
        .isEqualTo(
            "409 already_exists: Idempotency-Key was used for another request within 24 h:"
                + " nothing was started");
    assertThat(node.requests()).hasSize(1);
    assertThat(at.stored(first).getTrack().getTrackId()).isEqualTo("TR_1");
  }

  @Test
  void anotherApiKeysKeysAreItsOwn() throws Exception {
    String first = id(start("k-1", trackRequest()));
    String token =
        new TokenSigner(ControllerFixture.KEYS.find("second").orElseThrow(), at.time)
            .recordRooms(Duration.ofMinutes(1));
    Answer other = start("k-1", token, "application/protobuf", trackRequest().toByteArray());
    assertThat(id(other)).isNotEqualTo(first);
  }

  @Test
  void manyAtOnceGetOneEgress() throws Exception {
    node.slow(Duration.ofMillis(300));
    Callable<String> call =
        () -> {
          Answer answer = start("k-1", trackRequest());
          EgressInfo info = answer.as(EgressInfo.parser());
          return info.getEgressId();
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = IntStream.range(0, 8).mapToObj(i -> threads.submit(call)).toList();
      // The node's first report is what decides a start for those who wait for it.
      await().atMost(Duration.ofSeconds(5)).until(() -> !node.requests().isEmpty());
      node.create(at.stored(node.requests().getFirst().getEgressId()));
      List<String> ids = new java.util.ArrayList<>();
      for (var one : asked) {
        ids.add(one.get());
      }
      assertThat(ids).containsOnly(ids.getFirst());
    }
    assertThat(node.requests()).hasSize(1);
  }

  @Test
  void aStartThatFailedFreesItsKey() throws Exception {
    node.refuse(new RpcException(RpcCode.RESOURCE_EXHAUSTED, "full"));
    assertThat(start("k-1", trackRequest()).error()).isEqualTo("429 resource_exhausted: full");
    assertThat(start("k-1", trackRequest()).status()).isEqualTo(429);
    assertThat(node.requests()).hasSize(2);
    assertThat(at.store.startKeys().find("devkey", "k-1")).isEmpty();
  }

  @Test
  void aKeyWhoseControllerDiedBeforeItStoredTheEgressIsFreeAfterAStartsTime() throws Exception {
    StartCall call = StartCall.of("devkey", "k-1", "StartTrackEgress", trackRequest());
    long longAgo = at.time.unixNanos() - Duration.ofSeconds(11).toNanos();
    at.store.startKeys().reserve(new StartKey("devkey", "k-1", call.bodyHash(), "EG_x", longAgo));
    assertThat(id(start("k-1", trackRequest()))).isNotEqualTo("EG_x");
  }

  @Test
  void aKeyIsForgottenAfterADay() throws Exception {
    long yesterday = at.time.unixNanos() - Duration.ofHours(25).toNanos();
    at.store.startKeys().reserve(new StartKey("devkey", "k-1", "other", "EG_x", yesterday));
    assertThat(id(start("k-1", trackRequest()))).isNotEqualTo("EG_x");
  }

  @Test
  void aKeyThatIsNoKeyIsRefused() throws Exception {
    assertThat(start("k".repeat(256), trackRequest()).error())
        .startsWith("400 invalid_argument: Idempotency-Key must be");
    assertThat(node.requests()).isEmpty();
  }
}
