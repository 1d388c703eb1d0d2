package io.spillway.controller.api;

import static io.spillway.controller.ControllerFixture.trackRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.controller.ControllerFixture;
import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.controller.FakeNode;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tokens, routes, limits and pages over real HTTP. */
final class HttpSurfaceTest {
  private static final String LIST = "/twirp/livekit.Egress/ListEgress";

  @TempDir private Path folder;
  private ControllerFixture at;

  @BeforeEach
  void open() throws Exception {
    at = new ControllerFixture(folder);
  }

  @AfterEach
  void close() {
    at.close();
  }

  @Test
  void aGoodTokenOfAnyKeyComesInHeaderOrQuery() throws Exception {
    assertThat(listWith("Bearer " + at.token()).status()).isEqualTo(200);
    ApiKey second = ControllerFixture.KEYS.find("second").orElseThrow();
    String token = new TokenSigner(second, at.time).recordRooms(Duration.ofMinutes(1));
    assertThat(listWith("Bearer " + token).status()).isEqualTo(200);
    assertThat(at.send(list(LIST + "?access_token=" + token)).status()).isEqualTo(200);
  }

  @Test
  void whatIsNotAllowedIsRefusedInLiveKitsWords() throws Exception {
    String denied = "401 unauthenticated: permissions denied";
    assertThat(at.send(list(LIST)).error()).isEqualTo(denied);
    TokenSigner signer = new TokenSigner(ControllerFixture.KEYS.signing(), at.time);
    assertThat(listWith("Bearer " + signer.listRooms()).error()).isEqualTo(denied);
    assertThat(at.send(HttpRequest.newBuilder(at.url("/api/egress"))).error()).isEqualTo(denied);

    assertText(listWith("Basic abc"), "invalid authorization header. Must start with Bearer ");
    assertText(listWith("Bearer abc"), "invalid authorization token");
    TokenSigner stranger = new TokenSigner(new ApiKey("stranger", "x"), at.time);
    assertText(listWith("Bearer " + stranger.listRooms()), "invalid API key");
    TokenSigner past = new TokenSigner(ControllerFixture.KEYS.signing(), new SimulatedTime());
    assertText(
        listWith("Bearer " + past.recordRooms(Duration.ofMinutes(1))),
        "invalid authorization token: token has invalid claims: token is expired");
    ApiKey forged = new ApiKey("devkey", "guess");
    assertText(
        listWith("Bearer " + new TokenSigner(forged, at.time).listRooms()),
        "invalid authorization token: token signature is invalid: signature is invalid");
  }

  @Test
  void wrongRoutesAndBodiesAreTwirpErrors() throws Exception {
    Answer get = at.get(LIST);
    assertThat(get.error())
        .isEqualTo("404 bad_route: unsupported method \"GET\" (only POST is allowed)");
    assertThat(get.json().path("meta").path("twirp_invalid_route").asString())
        .isEqualTo("GET " + LIST);
    assertThat(at.post("Nothing", "application/json", new byte[0]).error())
        .isEqualTo("404 bad_route: no handler for path \"/twirp/livekit.Egress/Nothing\"");
    assertThat(at.post("ListEgress", "text/plain", new byte[0]).error())
        .isEqualTo("404 bad_route: unexpected Content-Type: \"text/plain\"");
    assertThat(at.post("ListEgress", "application/json", utf8("{")).error())
        .isEqualTo("400 malformed: the json request could not be decoded");
    assertThat(at.post("ListEgress", "application/protobuf", new byte[] {1}).error())
        .isEqualTo("400 malformed: the protobuf request could not be decoded");
    assertThat(at.post("ListEgress", "Application/JSON; charset=utf-8", utf8("{\"x\":1}")).status())
        .isEqualTo(200);
  }

  @Test
  void aDoubledSlashIsTakenAsOne() throws Exception {
    assertThat(at.send(list("/" + LIST).header("Authorization", "Bearer " + at.token())).status())
        .isEqualTo(200);
  }

  @Test
  void aBodyBeyondTheLimitIsRefusedWhateverItsHeadSays() throws Exception {
    byte[] large = new byte[ControllerFixture.BODY_LIMIT + 1];
    Answer honest = at.post("ListEgress", "application/protobuf", large);
    assertThat(honest.status() + " " + honest.text()).isEqualTo("413 request body too large");
    Answer chunked =
        at.send(
            HttpRequest.newBuilder(at.url(LIST))
                .header("Authorization", "Bearer " + at.token())
                .header("Content-Type", "application/protobuf")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large))));
    assertThat(chunked.status()).isEqualTo(413);
  }

  @Test
  void clientsThatNeverFinishTheirRequestHoldNobodyUp() throws Exception {
    List<Socket> lazy = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.controller.port());
        lazy.add(socket);
        OutputStream out = socket.getOutputStream();
        out.write(
            utf8(
                "POST "
                    + LIST
                    + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/protobuf\r\n"
                    + (i % 2 == 0 ? "X-Slow: " : "Content-Length: 1000\r\n\r\nab")));
        out.flush();
      }
      for (int i = 0; i < 20; i++) {
        assertThat(at.call("ListEgress", ListEgressRequest.getDefaultInstance()).status())
            .isEqualTo(200);
      }
      lazy.getFirst().setSoTimeout(10_000);
      assertThat(readsEnd(lazy.get(1))).as("cut after the idle time-out").isTrue();
    } finally {
      for (Socket socket : lazy) {
        socket.close();
      }
    }
  }

  private static boolean readsEnd(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try {
      byte[] rest = socket.getInputStream().readAllBytes();
      return rest.length < 10_000;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  @Test
  void noBodyMakesTheServerFail() throws Exception {
    String[] methods = {"StartTrackEgress", "StartEgress", "ListEgress", "StopEgress"};
    byte[] good = trackRequest().toByteArray();
    for (long seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      boolean json = random.nextBoolean();
      byte[] body = json ? utf8("{\"room_name\":\"r\",\"track_id\":\"T\",\"file\":{}}") : good;
      byte[] bent = body.clone();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        bent[random.nextInt(bent.length)] = (byte) random.nextInt(256);
      }
      Answer answer =
          at.post(
              methods[random.nextInt(methods.length)],
              json ? "application/json" : "application/protobuf",
              bent);
      assertThat(answer.status()).as("seed %d: %s", seed, answer.text()).isNotEqualTo(500);
    }
    assertThat(at.get("/healthz").status()).isEqualTo(200);
  }

  @Test
  void anAnswerCarriesTheRequestsId() throws Exception {
    HttpRequest.Builder mine = list(LIST).header("X-Request-Id", "my-1");
    assertThat(at.send(mine).header("X-Request-Id")).isEqualTo("my-1");
    HttpRequest.Builder sdk = list(LIST).header("X-Livekit-Request-Id", "uuid-2");
    assertThat(at.send(sdk).header("X-Request-Id")).isEqualTo("uuid-2");
    HttpRequest.Builder odd = list(LIST).header("X-Request-Id", "a b<script>");
    assertThat(at.send(odd).header("X-Request-Id")).matches("REQ_\\w{12}");
  }

  @Test
  void anAnsweredStartNamesWhatItConcernsInItsHead() throws Exception {
    try (FakeNode node = at.node()) {
      Answer answer = at.call("StartTrackEgress", trackRequest());
      String id = answer.as(EgressInfo.parser()).getEgressId();
      assertThat(node.requests()).hasSize(1);
      assertThat(answer.header("Spillway-Egress-Id")).isEqualTo(id);
      assertThat(answer.header("Spillway-Epoch")).isEqualTo("1");
      assertThat(answer.header("Spillway-Room-Sid")).isEqualTo("RM_studio");
      assertThat(answer.header("Spillway-Node")).isEqualTo("NE_1");
      assertThat(answer.header("X-Request-Id")).matches("REQ_\\w{12}");

      node.refuse(new RpcException(RpcCode.RESOURCE_EXHAUSTED, "full"));
      Answer refused = at.call("StartTrackEgress", trackRequest());
      assertThat(refused.status()).isNotEqualTo(200);
      assertThat(refused.header("Spillway-Node")).as("who refused").isEqualTo("NE_1");
    }
  }

  @Test
  void pagesForPeopleAndProbesNeedNoToken() throws Exception {
    JsonNode front = open("/").json();
    assertThat(front.path("name").asString()).isEqualTo("spillway");
    assertThat(front.path("version").asString()).isEqualTo("1.2.3");
    assertThat(open("/healthz").json().path("status").asString()).isEqualTo("alive");
    assertThat(open("/readyz").json().path("status").asString()).isEqualTo("ready");
    assertThat(open("/metrics").text()).isEqualTo("spillway_up 1\n");
    at.store.close();
    assertThat(open("/readyz").status()).isEqualTo(503);
    assertThat(open("/healthz").status()).isEqualTo(200);
    assertThat(at.get("/api/egress").error()).startsWith("503 unavailable: the egress store");
  }

  @Test
  void ourToolsReadListsWithProgressAndTimeLines() throws Exception {
    try (FakeNode node = at.node()) {
      EgressInfo info = at.call("StartTrackEgress", trackRequest()).as(EgressInfo.parser());
      String id = info.getEgressId();
      node.update(
          info.toBuilder()
              .setStatus(io.spillway.protocol.livekit.EgressStatus.EGRESS_ACTIVE)
              .build());
      at.progress.put(id, new Progress(1.5, 4096));
      JsonNode item =
          at.get("/api/egress?room_name=studio&active=true").json().path("items").get(0);
      assertThat(item.path("egress_id").asString()).isEqualTo(id);
      assertThat(item.path("progress").toString()).isEqualTo("{\"seconds\":1.5,\"bytes\":4096}");
      JsonNode one = at.get("/api/egress/" + id).json();
      assertThat(one.path("node").asString()).isEqualTo("NE_1");
      assertThat(one.path("epoch").asInt()).isEqualTo(1);
      JsonNode entries = at.get("/api/egress/" + id + "/timeline").json().path("entries");
      assertThat(entries.get(0).path("status").asString()).isEqualTo("EGRESS_STARTING");
      assertThat(entries.get(entries.size() - 1).path("status").asString())
          .isEqualTo("EGRESS_ACTIVE");
      assertThat(at.get("/api/egress/EG_x").error())
          .isEqualTo("404 not_found: egress does not exist");
      assertThat(at.get("/api/egress?room_name=empty").json().path("items").size()).isZero();
    }
  }

  private Answer open(String path) throws Exception {
    return at.send(HttpRequest.newBuilder(at.url(path)));
  }

  private HttpRequest.Builder list(String path) {
    return HttpRequest.newBuilder(at.url(path))
        .header("Content-Type", "application/protobuf")
        .POST(BodyPublishers.noBody());
  }

  private Answer listWith(String authorization) throws Exception {
    return at.send(list(LIST).header("Authorization", authorization));
  }

  private static void assertText(Answer answer, String text) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.text()).isEqualTo(text);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
