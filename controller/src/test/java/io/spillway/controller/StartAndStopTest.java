package io.spillway.controller;

import static io.spillway.controller.ControllerFixture.trackRequest;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.EncodingOptionsPreset;
import io.spillway.protocol.livekit.FileOutput;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.MediaSource;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control of egresses as an API client sees it. */
final class StartAndStopTest {
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
  void aTrackEgressIsStoredGivenToANodeAndAnsweredWithoutItsSecrets() throws Exception {
    try (FakeNode node = at.node()) {
      Answer answer = at.call("StartTrackEgress", trackRequest());
      EgressInfo info = answer.as(EgressInfo.parser());

      assertThat(info.getEgressId()).matches("EG_\\w{12}");
      assertThat(info.getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING);
      assertThat(info.getRoomId()).isEqualTo("RM_studio");
      assertThat(info.getRoomName()).isEqualTo("studio");
      assertThat(info.getTrack().getFile().getS3().getSecret()).isEqualTo("{secret}");
      assertThat(at.stored(info.getEgressId()).getTrack()).isEqualTo(info.getTrack());

      var request = node.requests().getFirst();
      assertThat(request.getEgressId()).isEqualTo(info.getEgressId());
      assertThat(request.getRoomId()).isEqualTo("RM_studio");
      assertThat(request.getRoomName()).isEqualTo("studio");
      assertThat(request.getToken()).isEmpty();
      assertThat(request.getWsUrl()).isEqualTo(at.liveKit.url().toString());
      assertThat(request.getTrack()).isEqualTo(trackRequest());

      assertThat(node.metadata().getFirst())
          .containsEntry("spillway-egress-id", info.getEgressId())
          .containsEntry("spillway-epoch", "1")
          .containsEntry("spillway-room-sid", "RM_studio")
          .containsEntry("spillway-request-id", answer.header("X-Request-Id"));
      assertThat(answer.header("Spillway-Egress-Id")).isEqualTo(info.getEgressId());
    }
  }

  @Test
  void jsonAndProtobufGiveTheSameAnswer() throws Exception {
    try (FakeNode node = at.node()) {
      EgressInfo info = at.call("StartTrackEgress", trackRequest()).as(EgressInfo.parser());
      ListEgressRequest list =
          ListEgressRequest.newBuilder().setEgressId(info.getEgressId()).build();
      ListEgressResponse binary = at.call("ListEgress", list).as(ListEgressResponse.parser());
      Answer text = at.callJson("ListEgress", list);
      assertThat(text.header("Content-Type")).isEqualTo("application/json");
      ListEgressResponse.Builder read = ListEgressResponse.newBuilder();
      JsonFormat.parser().merge(text.text(), read);
      assertThat(read.build()).isEqualTo(binary);
      assertThat(text.json().path("items").get(0).path("status").asString())
          .isEqualTo("EGRESS_STARTING");

      Answer started = at.callJson("StartTrackEgress", trackRequest());
      assertThat(started.status()).isEqualTo(200);
      assertThat(started.json().path("track").path("file").path("filepath").asString())
          .isEqualTo("a.ogg");
      assertThat(node.requests()).hasSize(2);
    }
  }

  @Test
  void aV2PassthroughIsForwardedAsV2() throws Exception {
    StartEgressRequest wish =
        StartEgressRequest.newBuilder()
            .setRoomName("studio")
            .setPreset(EncodingOptionsPreset.PASSTHROUGH)
            .setMedia(MediaSource.newBuilder().setVideoTrackId("TR_v"))
            .addOutputs(Output.newBuilder().setFile(FileOutput.newBuilder().setFilepath("x")))
            .build();
    try (FakeNode node = at.node()) {
      EgressInfo info = at.call("StartEgress", wish).as(EgressInfo.parser());
      assertThat(info.getEgress()).isEqualTo(wish);
      assertThat(node.requests().getFirst().getEgress()).isEqualTo(wish);
    }
    Answer encoded = at.call("StartEgress", wish.toBuilder().clearPreset().build());
    assertThat(encoded.error()).startsWith("501 unimplemented: StartEgress records with preset");
  }

  @Test
  void anUnknownRoomIsRefusedAndNothingLooksLikeARunningEgress() throws Exception {
    try (FakeNode node = at.node()) {
      Answer answer =
          at.call("StartTrackEgress", trackRequest().toBuilder().setRoomName("nowhere").build());
      assertThat(answer.error()).isEqualTo("404 not_found: requested room does not exist");
      assertThat(node.requests()).isEmpty();
    }
    assertThat(active()).isEmpty();
    EgressInfo kept = all().getFirst();
    assertThat(kept.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(kept.getErrorCode()).isEqualTo(404);
    assertThat(kept.getError()).isEqualTo("requested room does not exist");
    assertThat(kept.getEndedAt()).isPositive();
  }

  @Test
  void soundThatNeedsACodecIsRefusedBeforeANodeIsAsked() throws Exception {
    at.liveKit.track("studio", trackRequest().getTrackId(), "audio/PCMU");
    try (FakeNode node = at.node()) {
      assertThat(at.call("StartTrackEgress", trackRequest()).error())
          .isEqualTo(
              "501 unimplemented: recording audio/pcmu needs a codec: it is not implemented by this"
                  + " version of Spillway");
      assertThat(node.requests()).isEmpty();
    }
    assertThat(all().getFirst().getErrorCode()).isEqualTo(501);
  }

  @Test
  void aNodesRefusalReachesTheCallerInTheNodesWords() throws Exception {
    try (FakeNode node = at.node()) {
      node.refuse(new RpcException(RpcCode.RESOURCE_EXHAUSTED, "all nodes are full: CPU"));
      assertThat(at.call("StartTrackEgress", trackRequest()).error())
          .isEqualTo("429 resource_exhausted: all nodes are full: CPU");
      EgressInfo kept = all().getFirst();
      assertThat(kept.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
      assertThat(kept.getErrorCode()).isEqualTo(429);
      assertThat(kept.getError()).isEqualTo("all nodes are full: CPU");
    }
  }

  @Test
  void withoutANodeTheCallerIsToldWhatSilenceMeans() throws Exception {
    Answer answer = at.call("StartTrackEgress", trackRequest());
    assertThat(answer.error())
        .startsWith("503 unavailable: no egress node of this cluster took EG_")
        .contains("either no node runs, or all are full, draining or cut off")
        .doesNotContain("no response from servers");
    assertThat(active()).isEmpty();
  }

  @Test
  void withoutLiveKitTheCallerIsToldThatTheRoomCouldNotBeLookedUp() throws Exception {
    at.liveKit.failWith(500);
    assertThat(at.call("StartTrackEgress", trackRequest()).error())
        .startsWith("503 unavailable: could not ask LiveKit at http://127.0.0.1:")
        .contains("whether room 'studio' exists (status 500");
    at.liveKit.close();
    assertThat(at.call("StartTrackEgress", trackRequest()).error())
        .startsWith("503 unavailable: could not ask LiveKit");
    assertThat(active()).isEmpty();
  }

  @Test
  void startsInOneRoomAtOnceShareALookUp() throws Exception {
    try (FakeNode node = at.node();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Answer>> starts = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        starts.add(() -> at.call("StartTrackEgress", trackRequest()));
      }
      for (Future<Answer> answer : threads.invokeAll(starts)) {
        assertThat(answer.get().status()).isEqualTo(200);
      }
      assertThat(node.requests()).hasSize(60);
      assertThat(at.liveKit.questions()).isLessThan(10);
      assertThat(active()).hasSize(60);
    }
  }

  @Test
  void aStartThatOutlastsTheConnectionsIdleTimeoutIsAnswered() throws Exception {
    try (FakeNode node = at.node()) {
      node.slow(Duration.ofMillis(3_500)); // the fixture's idle time-out is 2 s
      assertThat(start().getRoomId()).isEqualTo("RM_studio");
    }
  }

  @Test
  void aRunningEgressIsStoppedByItsNode() throws Exception {
    try (FakeNode node = at.node()) {
      EgressInfo info = start();
      assertThat(stop(info.getEgressId()).as(EgressInfo.parser()).getStatus())
          .isEqualTo(EgressStatus.EGRESS_ENDING);
      assertThat(node.stopped()).containsExactly(info.getEgressId());
    }
  }

  @Test
  void anEgressThatEndedOrNeverWasCannotBeStopped() throws Exception {
    assertThat(stop("EG_nobody").error()).isEqualTo("404 not_found: egress does not exist");
    assertThat(stop("").error()).isEqualTo("404 not_found: egress does not exist");
    try (FakeNode node = at.node()) {
      EgressInfo info = start();
      node.update(info.toBuilder().setStatus(EgressStatus.EGRESS_COMPLETE).build());
      assertThat(stop(info.getEgressId()).error())
          .isEqualTo(
              "412 failed_precondition: egress with status EGRESS_COMPLETE cannot be stopped");
      assertThat(node.stopped()).isEmpty();
    }
  }

  @Test
  void aStopThatNoNodeAnswersSaysSo() throws Exception {
    EgressInfo info;
    try (FakeNode node = at.node()) {
      info = start();
      node.update(info.toBuilder().setStatus(EgressStatus.EGRESS_ACTIVE).build());
    }
    assertThat(stop(info.getEgressId()).error())
        .startsWith("408 deadline_exceeded: request timed out: the node NE_1 that has egress EG_")
        .contains("EGRESS_ACTIVE");
  }

  @Test
  void methodsThatDoNotExistYetSaySo() throws Exception {
    for (String method :
        List.of(
            "StartRoomCompositeEgress",
            "StartWebEgress",
            "StartParticipantEgress",
            "StartTrackCompositeEgress",
            "UpdateLayout",
            "UpdateStream")) {
      assertThat(at.post(method, "application/protobuf", new byte[0]).error())
          .startsWith("501 unimplemented: " + method + " is not supported by this version");
    }
  }

  @Test
  void listsAreFilteredByRoomIdAndActivity() throws Exception {
    at.liveKit.room("other", "RM_other");
    try (FakeNode node = at.node()) {
      EgressInfo first = start();
      EgressInfo second =
          at.call("StartTrackEgress", trackRequest().toBuilder().setRoomName("other").build())
              .as(EgressInfo.parser());
      node.update(first.toBuilder().setStatus(EgressStatus.EGRESS_ABORTED).build());
      assertThat(ids(ListEgressRequest.getDefaultInstance()))
          .containsExactly(second.getEgressId(), first.getEgressId());
      assertThat(ids(ListEgressRequest.newBuilder().setActive(true).build()))
          .containsExactly(second.getEgressId());
      assertThat(ids(ListEgressRequest.newBuilder().setRoomName("studio").build()))
          .containsExactly(first.getEgressId());
      assertThat(ids(ListEgressRequest.newBuilder().setEgressId(first.getEgressId()).build()))
          .containsExactly(first.getEgressId());
    }
    ListEgressRequest.Builder foreign = ListEgressRequest.newBuilder();
    foreign.getPageTokenBuilder().setToken("not ours");
    assertThat(at.call("ListEgress", foreign.build()).error())
        .isEqualTo("400 invalid_argument: request has missing or invalid field: page_token");
    assertThat(
            at.call("ListEgress", ListEgressRequest.newBuilder().setEgressId("EG_x").build())
                .error())
        .isEqualTo("404 not_found: egress does not exist");
  }

  private EgressInfo start() throws Exception {
    return at.call("StartTrackEgress", trackRequest()).as(EgressInfo.parser());
  }

  private Answer stop(String id) throws Exception {
    return at.call("StopEgress", StopEgressRequest.newBuilder().setEgressId(id).build());
  }

  private List<String> ids(ListEgressRequest request) throws Exception {
    return at.call("ListEgress", request).as(ListEgressResponse.parser()).getItemsList().stream()
        .map(EgressInfo::getEgressId)
        .toList();
  }

  private List<EgressInfo> all() throws Exception {
    return at.call("ListEgress", ListEgressRequest.getDefaultInstance())
        .as(ListEgressResponse.parser())
        .getItemsList();
  }

  private List<EgressInfo> active() throws Exception {
    return at.call("ListEgress", ListEgressRequest.newBuilder().setActive(true).build())
        .as(ListEgressResponse.parser())
        .getItemsList();
  }
}
