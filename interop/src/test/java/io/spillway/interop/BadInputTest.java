package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.client.ApiException;
import io.spillway.core.time.SystemTime;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.interop.fixture.UdpPorts;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people and strangers get wrong, through the whole program. */
class BadInputTest {
  private static final Duration SUBSCRIBE_TIMEOUT = Duration.ofSeconds(45);

  @TempDir static Path folder;
  private static Stage stage;

  @BeforeAll
  static void open() {
    stage =
        Stage.set(
            folder,
            LiveKitServer.Media.ONE_PORT,
            "local_output_roots: [" + folder.resolve("recordings") + ", /proc/nope]\n");
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  private static HttpResponse<String> post(String method, String authorization, String json)
      throws Exception {
    URI uri = URI.create(stage.spillway().url() + "/twirp/livekit.Egress/" + method);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String goodToken() {
    return "Bearer " + LiveKitServer.egressToken();
  }

  @Test
  void anUnknownRoomIsNotFoundAndNotCreated() throws Exception {
    assertThatThrownBy(() -> stage.ask("nowhere", "TR_x"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo("not_found"))
        .hasMessage("requested room does not exist");
    assertThat(stage.server().roomNames()).doesNotContain("nowhere");
  }

  /**
   * The look-up is believed for a second. A room that is deleted meanwhile is opened anew by our
   * join, as by anyone's; the recorder sees that it isn't the room that was asked for and leaves at
   * once, and the server closes the room after its empty_timeout (here 5 s).
   */
  @Test
  void aRoomThatVanishesAfterTheLookUpIsLeftAtOnce() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("vanishing", "rust")) {
      String track = publisher.publishAudio();
      Stage.Take before = stage.record("vanishing", track, Duration.ofSeconds(1));
      assertThat(before.info().getRoomId()).isNotEmpty();
      stage.ask("vanishing", "TR_first"); // the answer to this look-up is what is believed
      stage.server().deleteRoom("vanishing");
      Instant asked = Instant.now();
      String outcome = outcome("vanishing", track, folder + "/recordings/vanished.ogg");

      assertThat(outcome).contains("requested room does not exist");
      assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }
    Awaitility.await("the room is gone")
        .atMost(Duration.ofSeconds(20))
        .until(() -> !stage.server().roomNames().contains("vanishing"));
  }

  @Test
  void anUnknownTrackFailsWithItsName() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("no-track", "rust")) {
      publisher.publishAudio();
      EgressInfo asked = stage.ask("no-track", "TR_nothere");
      EgressInfo info = stage.spillway().awaitEnd(asked.getEgressId(), SUBSCRIBE_TIMEOUT);

      assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
      assertThat(info.getErrorCode()).isEqualTo(404);
      assertThat(info.getError()).isEqualTo("track TR_nothere not found");
    }
  }

  @Test
  void aTokenWithoutTheGrantIsUnauthenticated() throws Exception {
    String token = stage.server().participantToken("p", "r");
    var answer = post("ListEgress", "Bearer " + token, "{}");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("unauthenticated").contains("permissions denied");
  }

  @Test
  void aTokenOfAnotherKeyIsUnauthenticated() throws Exception {
    String secret = "another secret, just as long as the right one";
    for (ApiKey key :
        List.of(
            new ApiKey(LiveKitServer.KEY.key(), secret),
            new ApiKey("otherkey", LiveKitServer.KEY.secret()),
            new ApiKey("otherkey", secret))) {
      String token = new TokenSigner(key, new SystemTime()).recordRooms(Duration.ofMinutes(10));
      var answer = post("ListEgress", "Bearer " + token, "{}");

      assertThat(answer.statusCode()).as("%s: %s", key.key(), answer.body()).isEqualTo(401);
      assertThat(answer.body()).startsWith("invalid ");
    }
  }

  @Test
  void whatIsNoTokenIsUnauthenticated() throws Exception {
    assertThat(post("ListEgress", "Bearer not.a.token", "{}").statusCode()).isEqualTo(401);
  }

  @Test
  void aMethodThatDoesNotExistYetSaysSo() throws Exception {
    var answer = post("StartRoomCompositeEgress", goodToken(), "{\"room_name\":\"r\"}");

    assertThat(answer.statusCode()).isEqualTo(501);
    assertThat(answer.body()).contains("unimplemented");
  }

  @Test
  void aPathOutsideTheRootsIsRefusedAndNamesTheField() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("path", "rust")) {
      String track = publisher.publishAudio();
      for (String path : new String[] {"/etc/x.ogg", folder + "/recordings/../../x.ogg"}) {
        String outcome = outcome("path", track, path);
        assertThat(outcome).as(path).contains("filepath");
      }
    }
  }

  /** A file stands where a folder should: no right of root's helps. */
  @Test
  void aFolderThatCanNotBeWrittenIsRefusedAndNamesFieldAndFolder() throws Exception {
    Path taken = folder.resolve("recordings/taken");
    Files.createDirectories(folder.resolve("recordings"));
    Files.createFile(taken);
    try (RustPublisher publisher = stage.rustPublisher("unwritable", "rust")) {
      String track = publisher.publishAudio();
      assertThatThrownBy(() -> stage.ask("unwritable", track, taken + "/x.ogg"))
          .isInstanceOfSatisfying(
              ApiException.class, e -> assertThat(e.code()).isEqualTo("invalid_argument"))
          .hasMessageContaining("filepath '" + taken + "/x.ogg' can't be written")
          .hasMessageContaining(taken + " is a file, not a folder");
      // allowed here by a root of its own; there root may do anything and no file system takes
      // files
      assertThatThrownBy(() -> stage.ask("unwritable", track, "/proc/nope/x.ogg"))
          .isInstanceOfSatisfying(
              ApiException.class, e -> assertThat(e.code()).isEqualTo("invalid_argument"))
          .hasMessageContaining("filepath '/proc/nope/x.ogg' can't be written")
          .hasMessageContaining("/proc takes no files");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "StartTrackEgress | {'track_id':'TR_x','file':{}} | room_name",
        "StartTrackEgress | {'room_name':'a\\nb','track_id':'TR_x','file':{}} | room_name",
        "StartTrackEgress | {'room_name':'r','file':{}} | track_id",
        "StartTrackEgress | {'room_name':'r','track_id':'../x','file':{}} | track_id",
        "StartTrackEgress | {'room_name':'r','track_id':'T x','file':{}} | track_id",
        "StartTrackEgress | {'room_name':'r','track_id':'TR_x'} | output",
        "StartEgress | {'room_name':'r','preset':'PASSTHROUGH','media':{'video_track_id':'T x'},"
            + "'outputs':[{'file':{}}]} | passthrough track_id",
      })
  void aMalformedIdIsRefusedAndNamesTheField(String method, String json, String field)
      throws Exception {
    var answer = post(method, goodToken(), json.replace('\'', '"'));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body())
        .contains("invalid_argument")
        .contains("request has missing or invalid field: " + field + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "EG_", "../x", "EG_a b"})
  void anEgressIdThatNobodyHasIsNotFound(String id) {
    assertThatThrownBy(() -> stage.spillway().client().stop(id))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo("not_found"))
        .hasMessage("egress does not exist");
  }

  @Test
  void aWebSocketOutputSaysThatItDoesNotExistYet() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("websocket", "rust")) {
      String track = publisher.publishAudio();
      var answer =
          post(
              "StartTrackEgress",
              goodToken(),
              "{\"room_name\":\"websocket\",\"track_id\":\"%s\",\"websocket_url\":\"ws://127.0.0.1:1\"}"
                  .formatted(track));

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(501);
      assertThat(answer.body()).contains("\"unimplemented\"").contains("WebSocket output");
    }
  }

  // A refusal may come as an answer or, once a node looked at the path, as the egress's end.
  private static String outcome(String room, String track, String path)
      throws InterruptedException {
    TrackEgressRequest request =
        TrackEgressRequest.newBuilder()
            .setRoomName(room)
            .setTrackId(track)
            .setFile(DirectFileOutput.newBuilder().setFilepath(path))
            .build();
    try {
      EgressInfo asked = stage.spillway().client().start(request);
      EgressInfo info = stage.spillway().awaitEnd(asked.getEgressId(), Duration.ofSeconds(10));
      assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
      return info.getError();
    } catch (ApiException refused) {
      return refused.code() + ": " + refused.getMessage();
    }
  }

  @Test
  void anEndedEgressCanNotBeStoppedAgain() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("ended", "rust")) {
      Stage.Take take = stage.record("ended", publisher.publishAudio(), Duration.ofSeconds(1));

      assertThatThrownBy(() -> stage.spillway().client().stop(take.info().getEgressId()))
          .isInstanceOfSatisfying(
              ApiException.class, e -> assertThat(e.code()).isEqualTo("failed_precondition"))
          .hasMessage("egress with status EGRESS_COMPLETE cannot be stopped");
    }
  }

  @Test
  void garbageOnTheApiAndItsUdpPortsHarmsNoRecording() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("garbage", "rust")) {
      String id = stage.begin("garbage", publisher.publishAudio());
      Random random = new Random(7);
      throwGarbageAtApi(random);
      throwGarbageAtUdp(random);
      Stage.letPass(Duration.ofSeconds(2));
      Stage.Take take = stage.end(id);

      take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
    }
  }

  private static void throwGarbageAtApi(Random random) throws Exception {
    URI uri = URI.create(stage.spillway().url() + "/twirp/livekit.Egress/StartTrackEgress");
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < 50; i++) {
        byte[] body = new byte[random.nextInt(2000)];
        random.nextBytes(body);
        HttpRequest request =
            HttpRequest.newBuilder(uri)
                .header("Content-Type", i % 2 == 0 ? "application/json" : "application/protobuf")
                .header("Authorization", goodToken())
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        assertThat(status).isBetween(400, 499);
      }
    }
  }

  // Its sockets are found as the kernel lists them; STUN, DTLS, RTP and RTCP first bytes included.
  private static void throwGarbageAtUdp(Random random) throws Exception {
    var ports = UdpPorts.of(stage.spillway().pid());
    assertThat(ports).isNotEmpty();
    byte[] firstBytes = {0, 1, 20, 22, 63, (byte) 128, (byte) 129, (byte) 200, (byte) 255};
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int port : ports) {
        for (int i = 0; i < 500; i++) {
          byte[] packet = new byte[1 + random.nextInt(1400)];
          random.nextBytes(packet);
          packet[0] = firstBytes[i % firstBytes.length];
          socket.send(
              new DatagramPacket(
                  packet,
                  packet.length,
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        }
      }
    }
  }
}
