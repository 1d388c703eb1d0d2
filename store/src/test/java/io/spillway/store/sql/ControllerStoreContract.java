package io.spillway.store.sql;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ACTIVE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_COMPLETE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ENDING;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_FAILED;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_STARTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.store.Applied;
import io.spillway.store.ControllerStore;
import io.spillway.store.HistoryQuery;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoredEgress;
import io.spillway.store.fleet.DispatchClaim;
import io.spillway.store.fleet.Lease;
import io.spillway.store.fleet.LeaseClaim;
import io.spillway.store.fleet.NodeRecord;
import io.spillway.store.fleet.NodeStep;
import io.spillway.store.keys.StartKey;
import io.spillway.store.outbox.Backlog;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryQuery;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.outbox.Outbox;
import io.spillway.store.outbox.OutboxEvent;
import io.spillway.store.outbox.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every store must do for a fleet and for webhooks, whatever database it stands on. */
abstract class ControllerStoreContract extends EgressStoreContract {
  static final Target ONE = new Target("http://one.example/hook", "key");
  static final Target TWO = new Target("http://two.example/hook", "key");

  final Set<Target> targets = ConcurrentHashMap.newKeySet();
  final EventRouter router = (kind, info) -> Set.copyOf(targets);

  @Override
  abstract ControllerStore store();

  @Override
  abstract ControllerStore reopened();

  private Applied report(String id, EgressStatus status, long sequence) {
    time.advance(Duration.ofMillis(1));
    return store().apply(update(id, status, 1, sequence));
  }

  private void started(String id) {
    create(id, "room");
    report(id, EGRESS_STARTING, 1);
  }

  private List<Delivery> due(Target target) {
    return store().outbox().due(target.url(), time.unixNanos(), 100);
  }

  private Delivery only(Target target) {
    assertThat(due(target)).hasSize(1);
    return due(target).getFirst();
  }

  @Test
  void acceptedReportsBecomeEventsInOrderAndRefusedOnesDont() {
    targets.add(ONE);
    create("EG_1", "room");
    assertThat(store().outbox().backlog()).isEmpty();
    report("EG_1", EGRESS_STARTING, 1);
    report("EG_1", EGRESS_STARTING, 2);
    report("EG_1", EGRESS_ACTIVE, 3);
    assertThat(report("EG_1", EGRESS_ACTIVE, 3)).isEqualTo(Applied.OLD_SEQUENCE);
    assertThat(report("EG_1", EGRESS_STARTING, 4)).isEqualTo(Applied.BACKWARD);
    report("EG_1", EGRESS_ENDING, 5);
    report("EG_1", EGRESS_COMPLETE, 6);
    assertThat(report("EG_1", EGRESS_FAILED, 7)).isEqualTo(Applied.ALREADY_FINAL);

    List<OutboxEvent> events =
        reopened().outbox().list(DeliveryQuery.all().of("EG_1")).deliveries().reversed().stream()
            .map(Delivery::event)
            .toList();
    assertThat(events)
        .extracting(event -> event.kind().wire() + " " + event.info().getStatus())
        .containsExactly(
            "egress_started EGRESS_STARTING",
            "egress_updated EGRESS_ACTIVE",
            "egress_updated EGRESS_ENDING",
            "egress_ended EGRESS_COMPLETE");
    assertThat(events).extracting(OutboxEvent::sequence).containsExactly(1, 2, 3, 4);
    assertThat(events).extracting(OutboxEvent::id).doesNotHaveDuplicates();
    assertThat(events).allSatisfy(event -> assertThat(event.id()).matches("EV_[2-9A-Za-z]{12}"));
  }

  @Test
  void aFirstReportThatIsAlreadyActiveIsAStartToo() {
    targets.add(ONE);
    create("EG_1", "room");
    report("EG_1", EGRESS_ACTIVE, 1);
    assertThat(store().outbox().list(DeliveryQuery.all()).deliveries())
        .extracting(delivery -> delivery.event().kind().wire())
        .containsExactlyInAnyOrder("egress_started", "egress_updated");
  }

  @Test
  void aStartThatNoNodeHadOnlyEnds() {
    targets.add(ONE);
    create("EG_1", "room");
    report("EG_1", EGRESS_FAILED, Long.MAX_VALUE);
    assertThat(only(ONE).event().kind().wire()).isEqualTo("egress_ended");
  }

  @Test
  void anAddressGetsTheEventsOfAnEgressOneAfterAnother() {
    targets.add(ONE);
    started("EG_1");
    report("EG_1", EGRESS_ACTIVE, 2);
    started("EG_2");
    assertThat(due(ONE))
        .extracting(delivery -> delivery.event().info().getEgressId())
        .containsExactly("EG_1", "EG_2");

    Delivery first = due(ONE).getFirst();
    store().outbox().delivered(first.key());
    assertThat(due(ONE).stream().filter(d -> d.event().info().getEgressId().equals("EG_1")))
        .extracting(delivery -> delivery.event().sequence())
        .containsExactly(2);
  }

  @Test
  void aFailedDeliveryComesAgainAtItsTimeUnderTheSameIdAndHoldsOnlyItsOwnAddress() {
    targets.addAll(Set.of(ONE, TWO));
    started("EG_1");
    report("EG_1", EGRESS_ACTIVE, 2);
    Delivery failed = only(ONE);
    long retry = time.unixNanos() + Duration.ofSeconds(5).toNanos();
    store().outbox().failed(failed.key(), "connection refused", retry);

    assertThat(due(ONE)).isEmpty();
    store().outbox().delivered(only(TWO).key());
    assertThat(only(TWO).event().sequence()).isEqualTo(2);
    assertThat(store().outbox().backlog())
        .containsExactly(
            new Backlog(ONE.url(), 2, only(TWO).nextAtNanos(), failed.event().createdAtNanos()),
            new Backlog(TWO.url(), 1, only(TWO).nextAtNanos(), only(TWO).event().createdAtNanos()));

    time.advance(Duration.ofSeconds(5));
    Delivery again = only(ONE);
    assertThat(again.event()).isEqualTo(failed.event());
    assertThat(again.attempts()).isEqualTo(1);
    assertThat(again.lastError()).isEqualTo("connection refused");
  }

  @Test
  void anAddressThatAnswersAgainIsHurried() {
    targets.add(ONE);
    started("EG_1");
    store()
        .outbox()
        .failed(only(ONE).key(), "500", time.unixNanos() + Duration.ofHours(1).toNanos());
    assertThat(due(ONE)).isEmpty();
    store().outbox().hurry(ONE.url(), time.unixNanos());
    assertThat(due(ONE)).hasSize(1);
  }

  @Test
  void aDeliveryIsGivenUpAfterADayAndCanBeSentOnceMore() {
    targets.add(ONE);
    started("EG_1");
    report("EG_1", EGRESS_ACTIVE, 2);
    Delivery first = only(ONE);
    time.advance(Outbox.TRIED_FOR);
    store().outbox().failed(first.key(), "503", time.unixNanos() + 1);
    Delivery givenUp =
        store()
            .outbox()
            .list(DeliveryQuery.all().in(Delivery.State.GIVEN_UP))
            .deliveries()
            .getFirst();
    assertThat(givenUp.event()).isEqualTo(first.event());
    assertThat(givenUp.endedAtNanos()).isEqualTo(time.unixNanos());
    assertThat(only(ONE).event().sequence()).isEqualTo(2);

    assertThat(store().outbox().redeliver(first.event().id())).isEqualTo(1);
    assertThat(only(ONE).event()).isEqualTo(first.event());
    assertThat(store().outbox().redeliver("EV_unknown")).isZero();
  }

  @Test
  void deliveriesAreListedInPages() {
    targets.addAll(Set.of(ONE, TWO));
    for (int i = 0; i < 5; i++) {
      started("EG_" + i);
    }
    List<Delivery.Key> seen = new ArrayList<>();
    String token = "";
    do {
      var page = store().outbox().list(new DeliveryQuery("", "", Optional.empty(), token, 3));
      page.deliveries().forEach(delivery -> seen.add(delivery.key()));
      token = page.nextToken().orElse("");
    } while (!token.isEmpty());
    assertThat(seen).hasSize(10).doesNotHaveDuplicates();
    assertThatThrownBy(
            () -> store().outbox().list(new DeliveryQuery("", "", Optional.empty(), "x", 3)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEgressIsKeptUntilItsLastEventIsDelivered() {
    targets.add(ONE);
    create("EG_1", "room");
    report("EG_1", EGRESS_FAILED, 1);
    time.advance(Duration.ofHours(2));
    assertThat(store().forgetEnded(time.unixNanos(), 10)).isZero();
    store().outbox().delivered(only(ONE).key());
    assertThat(store().forgetEnded(time.unixNanos(), 10)).isEqualTo(1);
    assertThat(store().outbox().list(DeliveryQuery.all()).deliveries()).isEmpty();
  }

  @Test
  void aDispatchIsClaimedUntilTheFirstReport() {
    EgressInfo info = info("EG_1", "room", EGRESS_STARTING);
    store().create(new NewEgress(info, ByteString.EMPTY, "CT_a"));
    DispatchClaim claim = new DispatchClaim("EG_1", 1, "CT_a", 1, time.unixNanos());
    assertThat(store().dispatchClaims()).containsExactly(claim);

    Optional<DispatchClaim> taken = store().takeOver(claim, "CT_b");
    assertThat(taken).contains(new DispatchClaim("EG_1", 1, "CT_b", 2, time.unixNanos()));
    assertThat(store().takeOver(claim, "CT_c")).isEmpty();
    assertThat(store().find("EG_1").orElseThrow().dispatcher()).isEqualTo("CT_b");

    assertThat(store().fenceFrom("EG_1", 1, "CT_b", "not accepted in time")).contains(2);
    assertThat(store().fenceFrom("EG_1", 1, "CT_c", "too late")).isEmpty();
    assertThat(store().dispatchClaims()).extracting(DispatchClaim::epoch).containsExactly(2);
    store().apply(update("EG_1", EGRESS_STARTING, 2, 1));
    assertThat(store().dispatchClaims()).isEmpty();
    store().apply(update("EG_1", EGRESS_FAILED, 2, 2));
    assertThat(store().fenceFrom("EG_1", 2, "CT_b", "ended already")).isEmpty();
  }

  @Test
  void aStartThatANodeHasReportedIsNotFencedForWantOfAnAnswer() {
    create("EG_1", "room");
    create("EG_2", "room");
    report("EG_1", EGRESS_STARTING, 1);
    assertThat(store().fenceUntaken("EG_1", 1, "CT_a", "not confirmed")).isEmpty();
    assertThat(store().fenceUntaken("EG_2", 1, "CT_a", "not confirmed")).contains(2);
    assertThat(store().fenceUntaken("EG_2", 1, "CT_a", "not confirmed")).isEmpty();
    assertThat(store().apply(update("EG_2", EGRESS_STARTING, 1, 1))).isEqualTo(Applied.OLD_EPOCH);
    assertThat(store().fenceUntaken("EG_none", 1, "CT_a", "not confirmed")).isEmpty();
  }

  @Test
  void aStartThatNobodyHadIsDiscardedWithItsTimelineAndItsIdIsFreeAgain() {
    create("EG_1", "room");
    create("EG_2", "room");
    create("EG_3", "room");
    report("EG_2", EGRESS_STARTING, 1);
    store().apply(update("EG_3", EGRESS_FAILED, 1, 1));
    assertThat(store().discardUntaken("EG_1", 2)).as("another epoch").isFalse();
    assertThat(store().discardUntaken("EG_2", 1)).as("a node has it").isFalse();
    assertThat(store().discardUntaken("EG_3", 1)).as("it has ended").isFalse();
    assertThat(store().discardUntaken("EG_none", 1)).isFalse();
    assertThat(store().discardUntaken("EG_1", 1)).isTrue();
    assertThat(store().find("EG_1")).isEmpty();
    assertThat(store().timeline("EG_1")).isEmpty();
    create("EG_1", "room");
    assertThat(store().find("EG_1")).isPresent();
  }

  @Test
  void aRecorderThatTakesOverIsKnownWithoutAStepBack() {
    create("EG_1", "room");
    report("EG_1", EGRESS_ACTIVE, 7);
    assertThat(store().fenceFrom("EG_1", 1, "CT_a", "node lost")).contains(2);
    StatusUpdate successor =
        new StatusUpdate(info("EG_1", "room", EGRESS_STARTING), 2, 1, "ND_b", "eu", "");
    assertThat(store().apply(successor)).isEqualTo(Applied.ACCEPTED);
    StoredEgress stored = store().find("EG_1").orElseThrow();
    assertThat(stored.info().getStatus()).isEqualTo(EGRESS_ACTIVE);
    assertThat(stored.node()).isEqualTo("ND_b");
    assertThat(stored.region()).isEqualTo("eu");
    assertThat(stored.dispatcher()).isEmpty();
    assertThat(store().apply(successor)).isEqualTo(Applied.OLD_SEQUENCE);
    assertThat(store().apply(update("EG_1", EGRESS_STARTING, 2, 2))).isEqualTo(Applied.BACKWARD);
  }

  @Test
  void theHistoryIsSearchedByTimeStatusKindNodeAndText() {
    create("EG_1", "Lobby");
    long middle = time.unixNanos() + 1;
    time.advance(Duration.ofSeconds(1));
    EgressInfo track =
        info("EG_2", "100% Käse", EGRESS_STARTING).toBuilder()
            .setTrack(TrackEgressRequest.newBuilder().setTrackId("TR_Abc"))
            .build();
    store().create(new NewEgress(track, ByteString.EMPTY));
    store()
        .apply(
            new StatusUpdate(
                track.toBuilder().setStatus(EGRESS_FAILED).setError("No Room").build(),
                1,
                1,
                "ND_b",
                ""));
    HistoryQuery all = HistoryQuery.all();
    assertThat(ids(all)).containsExactly("EG_2", "EG_1");
    assertThat(ids(all.between(middle, Long.MAX_VALUE))).containsExactly("EG_2");
    assertThat(ids(all.between(0, middle))).containsExactly("EG_1");
    assertThat(ids(all.withStatus(Set.of(EGRESS_FAILED, EGRESS_COMPLETE)))).containsExactly("EG_2");
    assertThat(ids(all.ofKind(Set.of("track")))).containsExactly("EG_2");
    assertThat(ids(all.onNode("ND_b"))).containsExactly("EG_2");
    assertThat(ids(all.inRoom("Lobby"))).containsExactly("EG_1");
    assertThat(ids(all.containing("LOBB"))).containsExactly("EG_1");
    assertThat(ids(all.containing("tr_abc"))).containsExactly("EG_2");
    assertThat(ids(all.containing("KÄSE"))).containsExactly("EG_2");
    assertThat(ids(all.containing("no room"))).containsExactly("EG_2");
    assertThat(ids(all.containing("0%"))).containsExactly("EG_2");
    assertThat(ids(all.containing("%"))).containsExactly("EG_2");
    assertThat(ids(all.containing("_"))).hasSize(2);
    assertThat(ids(all.containing("!"))).isEmpty();
  }

  private List<String> ids(HistoryQuery query) {
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      var page = store().search(query.page(token, 1));
      page.egresses().forEach(egress -> ids.add(egress.info().getEgressId()));
      token = page.nextToken().orElse("");
    } while (!token.isEmpty());
    return ids;
  }

  @Test
  void aNodesChangesAreKeptAndItsBeatsArent() {
    NodeRecord node = new NodeRecord("ND_a", "spillway", "eu", "1.0", 7, "HEALTHY", "registered");
    assertThat(store().nodes().put(node)).isTrue();
    long first = time.unixNanos();
    time.advance(Duration.ofSeconds(1));
    NodeRecord newer = new NodeRecord("ND_a", "spillway", "eu", "1.1", 7, "HEALTHY", "registered");
    assertThat(store().nodes().put(newer)).isFalse();
    NodeRecord wedged = new NodeRecord("ND_a", "spillway", "eu", "1.1", 7, "WEDGED", "canary lost");
    assertThat(store().nodes().put(wedged)).isTrue();
    assertThat(reopened().nodes().find("ND_a")).contains(wedged);
    assertThat(store().nodes().all()).containsExactly(wedged);
    assertThat(store().nodes().history("ND_a", 10))
        .containsExactly(
            new NodeStep(time.unixNanos(), "WEDGED", "canary lost"),
            new NodeStep(first, "HEALTHY", "registered"));
    assertThat(store().nodes().forget("WEDGED", time.unixNanos())).isZero();
    assertThat(store().nodes().history("ND_a", 10)).hasSize(1);
    assertThat(store().nodes().forget("WEDGED", time.unixNanos() + 1)).isEqualTo(1);
    assertThat(store().nodes().all()).isEmpty();
  }

  @Test
  void aLeaseHasOneHolderAtATime() {
    Lease first = store().leases().take("duty", "CT_a", Optional.empty()).orElseThrow();
    assertThat(first).isEqualTo(new Lease("duty", "CT_a", 1, 0));
    assertThat(store().leases().take("duty", "CT_b", Optional.empty())).isEmpty();
    assertThat(store().leases().renew(first)).isTrue();
    assertThat(store().leases().take("duty", "CT_b", Optional.of(first))).isEmpty();
    Lease seen = store().leases().find("duty").orElseThrow();
    Lease second = store().leases().take("duty", "CT_b", Optional.of(seen)).orElseThrow();
    assertThat(second.epoch()).isEqualTo(2);
    assertThat(store().leases().renew(first)).isFalse();
    store().leases().release(first);
    assertThat(store().leases().find("duty")).contains(second);
    store().leases().release(second);
    assertThat(store().leases().find("duty").orElseThrow().isFree()).isTrue();
    assertThat(store().leases().named("du")).hasSize(1);
    assertThat(store().leases().named("d_")).isEmpty();
  }

  @Test
  void aSilentHoldersLeaseIsTakenAfterATermAndIsOverForItBefore() {
    Duration term = Duration.ofSeconds(3);
    LeaseClaim one = new LeaseClaim(store().leases(), "duty", "CT_a", term, time);
    LeaseClaim two = new LeaseClaim(store().leases(), "duty", "CT_b", term, time);
    assertThat(one.step()).isTrue();
    assertThat(two.step()).isFalse();
    for (int second = 0; second < 10; second++) {
      time.advance(Duration.ofSeconds(1));
      assertThat(one.step()).isTrue();
      assertThat(two.step()).isFalse();
    }
    time.advance(Duration.ofMillis(2001));
    assertThat(one.isHeld()).isFalse();
    assertThat(two.step()).isFalse();
    time.advance(Duration.ofMillis(999));
    assertThat(two.step()).isTrue();
    assertThat(two.epoch()).isEqualTo(2);
    assertThat(one.step()).isFalse();
    two.release();
    assertThat(one.step()).isTrue();
  }

  @Test
  void aStartKeyIsGivenOnce() {
    StartKey key = new StartKey("api", "k1", "hash", "EG_1", time.unixNanos());
    assertThat(store().startKeys().reserve(key)).isEmpty();
    StartKey second = new StartKey("api", "k1", "other", "EG_2", time.unixNanos());
    assertThat(store().startKeys().reserve(second)).contains(key);
    assertThat(store().startKeys().reserve(new StartKey("else", "k1", "h", "EG_3", 0))).isEmpty();
    assertThat(store().startKeys().replace(second, second)).isFalse();
    assertThat(store().startKeys().replace(key, second)).isTrue();
    store().startKeys().release(key);
    assertThat(store().startKeys().find("api", "k1")).contains(second);
    assertThat(store().startKeys().forget(time.unixNanos(), 10)).isEqualTo(1);
    store().startKeys().release(second);
    assertThat(store().startKeys().find("api", "k1")).isEmpty();
  }

  @Test
  void manyWhoAskForOneKeyAtOnceGetOneStart() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> asked =
          IntStream.range(0, 20)
              .mapToObj(i -> new StartKey("api", "k", "hash", "EG_" + i, 1))
              .map(key -> threads.submit(() -> store().startKeys().reserve(key).isEmpty()))
              .toList();
      Set<Boolean> firsts = new HashSet<>();
      int count = 0;
      for (Future<Boolean> one : asked) {
        firsts.add(one.get());
        count += one.get() ? 1 : 0;
      }
      assertThat(count).isEqualTo(1);
      assertThat(firsts).containsExactlyInAnyOrder(true, false);
    }
  }
}
