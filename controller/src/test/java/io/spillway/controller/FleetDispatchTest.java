package io.spillway.controller;

import static io.spillway.controller.ControllerFixture.trackRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.core.token.TokenSigner;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.fleet.LeaseMessages;
import io.spillway.store.Applied;
import io.spillway.store.StatusUpdate;
import io.spillway.store.TimelineEntry;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts on nodes that have leases, over real HTTP, a real store and a memory bus. */
final class FleetDispatchTest {
  @TempDir private Path folder;
  private ControllerFixture at;
  private final List<LeasedNode> nodes = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    at = new ControllerFixture(folder);
  }

  @AfterEach
  void close() {
    nodes.forEach(LeasedNode::close);
    at.close();
  }

  private LeasedNode node(String id) throws Exception {
    return node(id, "");
  }

  private LeasedNode node(String id, String region) throws Exception {
    LeasedNode node = new LeasedNode(id, at);
    node.region(region);
    nodes.add(node);
    var _ = node.renew();
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> at.get("/metrics").status() == 200 && isHealthy(id));
    return node;
  }

  private boolean isHealthy(String id) {
    return at.store.nodes().find(id).map(node -> node.state().equals("HEALTHY")).orElse(false);
  }

  private EgressInfo started(Answer answer) throws Exception {
    return answer.as(EgressInfo.parser());
  }

  @Test
  void aStartGoesToANodeThatHasALeaseAndHasProvedItself() throws Exception {
    LeasedNode node = node("NE_a");
    Answer answer = at.call("StartTrackEgress", trackRequest());
    EgressInfo info = started(answer);
    assertThat(node.requests().getFirst().getEgressId()).isEqualTo(info.getEgressId());
    assertThat(answer.header("Spillway-Node")).isEqualTo("NE_a");
    assertThat(at.store.find(info.getEgressId()).orElseThrow().node()).isEqualTo("NE_a");
  }

  @Test
  void aStartThatANodeSwallowsIsFencedAndComesToAnotherAsOneSuccess() throws Exception {
    LeasedNode dead = node("NE_a");
    dead.fallSilent(true);
    EgressInfo info;
    do { // the draw of nodes is random: until the silent one was drawn
      LeasedNode well = nodes.size() == 1 ? node("NE_b") : nodes.get(1);
      info = started(at.call("StartTrackEgress", trackRequest()));
      assertThat(well.requests()).isNotEmpty();
    } while (dead.requests().isEmpty());
    var stored = at.store.find(info.getEgressId()).orElseThrow();
    assertThat(stored.epoch()).isEqualTo(2);
    assertThat(stored.node()).isEqualTo("NE_b");
    assertThat(info.getRetryCount()).isEqualTo(1);
    assertThat(at.store.timeline(info.getEgressId()))
        .extracting(TimelineEntry::reason)
        .anySatisfy(reason -> assertThat(reason).contains("NE_a did not confirm the start"));
  }

  @Test
  void aStartWhoseAnswerIsLostStaysWithTheNodeThatReportedIt() throws Exception {
    LeasedNode mute = node("NE_a");
    mute.fallSilent(false);
    EgressInfo info = started(at.call("StartTrackEgress", trackRequest()));
    assertThat(mute.requests()).hasSize(1);
    var stored = at.store.find(info.getEgressId()).orElseThrow();
    assertThat(stored.epoch()).isEqualTo(1);
    assertThat(stored.node()).isEqualTo("NE_a");
  }

  @Test
  void refusalsComeAtOnceWithTheirReason() throws Exception {
    LeasedNode node = node("NE_a");
    node.slots(1);
    started(at.call("StartTrackEgress", trackRequest()));
    var _ = node.renew();
    Answer full = at.call("StartTrackEgress", trackRequest());
    assertThat(full.error())
        .as("a controller that just began says so too, once it has waited for other nodes")
        .startsWith("429 resource_exhausted: egress EG_")
        .endsWith("was not started: all egress nodes are full: not enough slots");
    long again = at.time.nanos();
    assertThat(at.call("StartTrackEgress", trackRequest()).error()).startsWith("429");
    assertThat(Duration.ofNanos(at.time.nanos() - again))
        .as("nobody without a lease was there a moment ago")
        .isLessThan(Duration.ofMillis(900));
  }

  @Test
  void aStartThatAnotherControllerLeavesLyingIsFencedInItsTurn() throws Exception {
    LeasedNode dead = node("NE_a");
    dead.fallSilent(true);
    try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> start = caller.submit(() -> at.call("StartTrackEgress", trackRequest()));
      String id = takenOverFrom(dead);
      LeasedNode well = node("NE_b");
      EgressInfo _ = started(start.get());
      assertThat(well.requests()).extracting(StartEgressRequest::getRetryCount).containsExactly(2);
      assertThat(at.store.find(id).orElseThrow().epoch()).isEqualTo(3);
    }
  }

  @Test
  void aStartThatAnotherControllerPlacesMeanwhileIsNotPlacedTwice() throws Exception {
    LeasedNode dead = node("NE_a");
    dead.fallSilent(true);
    try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> start = caller.submit(() -> at.call("StartTrackEgress", trackRequest()));
      String id = takenOverFrom(dead);
      LeasedNode well = node("NE_b");
      Awaitility.await()
          .during(Duration.ofMillis(2600)) // two for the dead node, and then the other's turn
          .atMost(Duration.ofMillis(3500))
          .until(() -> well.requests().isEmpty());
      EgressInfo active =
          at.stored(id).toBuilder().setStatus(EgressStatus.EGRESS_ACTIVE).setRetryCount(1).build();
      assertThat(at.store.apply(new StatusUpdate(active, 2, 5, "NE_x", "")))
          .isEqualTo(Applied.ACCEPTED);
      assertThat(started(start.get()).getRetryCount()).isEqualTo(1);
      assertThat(well.requests()).isEmpty();
    }
  }

  /** Another controller gives the egress that this silent node was asked for the next epoch. */
  private String takenOverFrom(LeasedNode dead) {
    Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> !dead.requests().isEmpty());
    String id = dead.requests().getFirst().getEgressId();
    assertThat(at.store.fenceFrom(id, 1, "CO_other", "taken over")).contains(2);
    return id;
  }

  private Answer startIn(String region) throws Exception {
    return at.send(
        HttpRequest.newBuilder(at.url("/twirp/livekit.Egress/StartTrackEgress"))
            .header("Authorization", "Bearer " + at.token())
            .header("Content-Type", "application/protobuf")
            .header("Spillway-Region", region)
            .POST(BodyPublishers.ofByteArray(trackRequest().toByteArray())));
  }

  @Test
  void aStartGoesToTheRegionItNamesAndToAnotherOneWhenThatIsFull() throws Exception {
    LeasedNode eu = node("NE_eu", "eu");
    LeasedNode us = node("NE_us", "us");
    us.slots(6);
    var _ = us.renew();
    for (int i = 0; i < 6; i++) {
      Answer answer = startIn("us");
      assertThat(answer.header("Spillway-Node")).isEqualTo("NE_us");
      assertThat(answer.header("Spillway-Region")).isEqualTo("us");
      String id = started(answer).getEgressId();
      assertThat(at.store.find(id).orElseThrow().region()).isEqualTo("us");
    }
    var _ = us.renew();
    assertThat(startIn("us").header("Spillway-Node")).isEqualTo("NE_eu");
    eu.slots(1);
    var _ = eu.renew();
    assertThat(startIn("us").error())
        .startsWith("429 resource_exhausted: egress EG_")
        .endsWith("was not started: all egress nodes are full: not enough slots");
  }

  @Test
  void aControllerThatJustBeganWaitsForTheLeasesOfItsNodes() throws Exception {
    try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> early = caller.submit(() -> at.call("StartTrackEgress", trackRequest()));
      Awaitility.await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> !at.store.unfinished().isEmpty());
      var _ = node("NE_a");
      assertThat(early.get().header("Spillway-Node")).isEqualTo("NE_a");
    }
  }

  @Test
  void aRegionNobodyCanHaveIsRefused() throws Exception {
    assertThat(startIn("eu west;1").error())
        .isEqualTo(
            "400 invalid_argument: Spillway-Region must be at most 64 letters, digits, dots and"
                + " dashes");
  }

  @Test
  void aNodesOwnRefusalOfTheRequestIsTheAnswer() throws Exception {
    LeasedNode node = node("NE_a");
    node.refuse(new RpcException(RpcCode.INVALID_ARGUMENT, "no such track kind"));
    Answer answer = at.call("StartTrackEgress", trackRequest());
    assertThat(answer.error()).isEqualTo("400 invalid_argument: no such track kind");
    String id = answer.header("Spillway-Egress-Id");
    EgressInfo stored = at.stored(id);
    assertThat(stored.getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(stored.getError()).isEqualTo("no such track kind");
    assertThat(stored.getRoomId()).isNotEmpty();
  }

  @Test
  void whatTheOnlyNodeCannotDoNowIsSaidInItsOwnWords() throws Exception {
    LeasedNode node = node("NE_a");
    node.refuse(new RpcException(RpcCode.RESOURCE_EXHAUSTED, "no space left on /out"));
    assertThat(at.call("StartTrackEgress", trackRequest()).error())
        .isEqualTo("429 resource_exhausted: no space left on /out");
  }

  @Test
  void aStartThatAllTrustedNodesTurnDownWaitsForOneThatIsAboutToBeTrusted() throws Exception {
    LeasedNode full = node("NE_a");
    full.refuse(
        new RpcException(RpcCode.RESOURCE_EXHAUSTED, "not enough CPU: 3.20 of 3.20 cores in use"));
    try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor();
        LeasedNode late = new LeasedNode("NE_b", at)) {
      late.answerCanaries(false);
      var _ = late.renew();
      Future<Answer> start = caller.submit(() -> at.call("StartTrackEgress", trackRequest()));
      Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> !full.requests().isEmpty());
      late.answerCanaries(true);
      assertThat(start.get().header("Spillway-Node")).isEqualTo("NE_b");
      assertThat(full.requests()).as("who says that it is full is not asked again").hasSize(1);
    }
  }

  @Test
  void whatADrainingNodeTurnsDownGoesToAnother() throws Exception {
    LeasedNode draining = node("NE_a");
    draining.refuse(new RpcException(RpcCode.FAILED_PRECONDITION, "this egress node is draining"));
    LeasedNode well = node("NE_b");
    do { // the draw of nodes is random: until the draining one was drawn
      var _ = started(at.call("StartTrackEgress", trackRequest()));
    } while (draining.requests().isEmpty());
    assertThat(well.requests()).isNotEmpty();
  }

  @Test
  void aLeaseNeedsATokenOfTheFleetAndAnyOtherIsRefused() throws Exception {
    byte[] lease = LeaseMessages.report(new LeasedNode("NE_x", at).lease()).toByteArray();
    for (String token :
        List.of(
            at.token(),
            new TokenSigner(ControllerFixture.KEYS.signing(), at.time).administerRoom("studio"))) {
      Answer answer =
          at.send(
              HttpRequest.newBuilder(at.url(LeaseMessages.PATH))
                  .header("Authorization", "Bearer " + token)
                  .POST(BodyPublishers.ofByteArray(lease)));
      assertThat(answer.status()).isEqualTo(401);
    }
    Answer damaged =
        at.send(
            HttpRequest.newBuilder(at.url(LeaseMessages.PATH))
                .header(
                    "Authorization",
                    "Bearer " + new TokenSigner(ControllerFixture.KEYS.signing(), at.time).fleet())
                .POST(BodyPublishers.ofByteArray(new byte[] {1, 2, 3})));
    assertThat(damaged.status()).isEqualTo(400);
  }

  @Test
  void aNodeThatFallsSilentOnBothWaysLosesItsEgressWhichEndsWhereItsRequestWasNotKept()
      throws Exception {
    LeasedNode dying = node("NE_a");
    EgressInfo info = started(at.call("StartTrackEgress", trackRequest()));
    dying.report(info.getEgressId(), EgressStatus.EGRESS_ACTIVE);
    dying.close();
    nodes.remove(dying);
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> at.stored(info.getEgressId()).getStatus() == EgressStatus.EGRESS_FAILED);
    assertThat(at.stored(info.getEgressId()).getError()).contains("node lost");
  }
}
