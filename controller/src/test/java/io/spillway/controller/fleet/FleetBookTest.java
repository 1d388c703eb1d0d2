package io.spillway.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.CanaryPlan;
import io.spillway.core.fleet.DispatchChoice.Choice;
import io.spillway.core.fleet.DispatchChoice.Refusal;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.fleet.LostEgress;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.fleet.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The fleet as one controller knows it, on a clock of our own. */
final class FleetBookTest {
  private final SimulatedTime time = new SimulatedTime();
  private final FleetBook book = new FleetBook(FleetSettings.of("CO_1"), time, new Random(5));
  private final Map<String, Long> numbers = new HashMap<>();
  private final Set<String> leases = new HashSet<>();
  private final Set<String> canaries = new HashSet<>();
  private final List<LeaseOrder> told = new ArrayList<>();
  private boolean hearsItself = true;

  private void node(String id) {
    leases.add(id);
    canaries.add(id);
    renew(id);
  }

  private List<LeaseOrder> renew(String id, Lease.Held... held) {
    long number = numbers.merge(id, 1L, Long::sum);
    return book.renew(lease(id, number, 10, held));
  }

  private static Lease lease(String id, long number, int slots, Lease.Held... held) {
    return lease(id, number, slots, Duration.ZERO, held);
  }

  private static Lease lease(
      String id, long number, int slots, Duration oldestStatus, Lease.Held... held) {
    return new Lease(
        id,
        number,
        "eu",
        "",
        "1.0",
        new Admission.Load(8, 1, 0, held.length, 0, 0),
        new Admission.Limits(0.8, 0, slots),
        new Admission.Cost(0.01, 0),
        false,
        oldestStatus,
        List.of(held),
        0);
  }

  /** Half a second: presence, canaries and leases come once a second, judgement at each step. */
  private void pass(Duration span) {
    for (long left = span.toMillis(); left > 0; left -= 500) {
      time.advance(Duration.ofMillis(500));
      if (left % 1000 == 0) {
        Presence own = book.presence();
        if (hearsItself) {
          book.heard(own);
        }
        leases.forEach(id -> told.addAll(renew(id)));
        for (String id : book.canariesDue()) {
          if (canaries.contains(id)) {
            book.canaryAnswered(id, Duration.ZERO);
          } else {
            book.canaryMissed(id);
          }
        }
      }
      book.judge();
    }
  }

  private Health health(String id) {
    return view(id).health();
  }

  private NodeView view(String id) {
    return book.nodes().stream()
        .filter(node -> node.lease().nodeId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private Choice choose(String egress) {
    return book.choose(egress, "", "", Set.of());
  }

  @Test
  void aNodeGetsWorkAfterItsFirstCanary() {
    renew("a");
    book.judge();
    assertThat(choose("EG")).isEqualTo(new Choice.Nobody(Refusal.NONE_TRUSTED));
    assertThat(book.canariesDue()).containsExactly("a");
    book.canaryAnswered("a", Duration.ZERO);
    assertThat(book.judge())
        .singleElement()
        .satisfies(change -> {
          assertThat(change.now()).isEqualTo(Health.HEALTHY);
          assertThat(change.inService()).isTrue();
        });
    assertThat(choose("EG")).isEqualTo(new Choice.Node("a"));
  }

  @Test
  void aNodeWhoseCanariesDieIsOutOfServiceWithinSixSecondsAndToldToRebuild() {
    node("a");
    node("b");
    node("c");
    pass(Duration.ofSeconds(4));
    canaries.remove("b");
    pass(Duration.ofSeconds(4));
    assertThat(health("b")).isEqualTo(Health.WEDGED);
    assertThat(view("b").inService()).isFalse();
    assertThat(told)
        .as("once in ten seconds, not with each lease")
        .singleElement()
        .isInstanceOf(LeaseOrder.RebuildRpc.class);
    for (int i = 0; i < 50; i++) {
      assertThat(choose("EG" + i)).isNotEqualTo(new Choice.Node("b"));
    }
    canaries.add("b");
    pass(Duration.ofSeconds(2));
    assertThat(view("b").inService()).isTrue();
  }

  @Test
  void aNodeSilentOnBothWaysIsGoneAfterSixSecondsAndItsEgressesAreLost() {
    node("a");
    node("b");
    pass(Duration.ofSeconds(4));
    leases.remove("b");
    canaries.remove("b");
    pass(Duration.ofSeconds(5));
    assertThat(judge("b")).isEqualTo(LostEgress.Verdict.KEEP);
    pass(Duration.ofSeconds(3));
    assertThat(health("b")).isEqualTo(Health.GONE);
    assertThat(judge("b")).isEqualTo(LostEgress.Verdict.CONTINUE);
    assertThat(judge("a")).isEqualTo(LostEgress.Verdict.KEEP);
  }

  private LostEgress.Verdict judge(String node) {
    return LostEgress.judge(
        new LostEgress.Row(true, false, Duration.ofSeconds(8), false, true),
        book.holder(node, "EG", 1, Duration.ofSeconds(8).toNanos()),
        LostEgress.OnNodeLoss.CONTINUE,
        LostEgress.Rules.usual());
  }

  @Test
  void whenAllLookWedgedOneThirdIsEjectedAndTheJudgeDoubtsItself() {
    for (String id : List.of("a", "b", "c")) {
      node(id);
    }
    pass(Duration.ofSeconds(4));
    canaries.clear();
    pass(Duration.ofSeconds(6));
    assertThat(book.nodes()).filteredOn(NodeView::inService).hasSize(2);
    assertThat(book.isLimited()).isTrue();
    assertThat(choose("EG")).isInstanceOf(Choice.Node.class);
  }

  @Test
  void aControllerThatDoesNotHearItselfJudgesNobodyAndGivesTenSecondsOfGraceAfterwards() {
    node("a");
    node("b");
    pass(Duration.ofSeconds(4));
    hearsItself = false;
    leases.clear();
    canaries.clear();
    pass(Duration.ofSeconds(20));
    assertThat(book.isBlind()).isTrue();
    assertThat(health("a"))
        .as("what was judged before the blindness showed")
        .isNotEqualTo(Health.GONE);
    hearsItself = true;
    pass(Duration.ofSeconds(9));
    assertThat(health("a")).isNotEqualTo(Health.GONE);
    pass(Duration.ofSeconds(3));
    assertThat(health("a")).isEqualTo(Health.GONE);
  }

  private void bIsTheLastResort() {
    assertThat(health("b")).isEqualTo(Health.HEALTHY);
    for (int i = 0; i < 50; i++) {
      assertThat(choose("EG_" + i)).isEqualTo(new Choice.Node("a"));
      book.release("a", "EG_" + i);
    }
    assertThat(book.choose("EG", "", "", Set.of("a"))).isEqualTo(new Choice.Node("b"));
  }

  @Test
  void whoFellSilentWhileItsJudgeWasBlindIsTheLastResortUntilItIsJudged() {
    node("a");
    node("b");
    pass(Duration.ofSeconds(4));
    hearsItself = false;
    leases.remove("b");
    pass(Duration.ofSeconds(8));
    bIsTheLastResort();
  }

  @Test
  void whoMissedACanaryIsTheLastResortWhileItsJudgeMayNotJudge() {
    node("a");
    node("b");
    pass(Duration.ofSeconds(4));
    hearsItself = false;
    pass(Duration.ofSeconds(4));
    hearsItself = true;
    canaries.remove("b");
    pass(Duration.ofSeconds(2));
    bIsTheLastResort();
  }

  @Test
  void aControllerThatWasStoppedItselfBlamesNobody() {
    node("a");
    pass(Duration.ofSeconds(4));
    time.advance(Duration.ofSeconds(30));
    book.heard(book.presence());
    assertThat(book.judge()).isEmpty();
    assertThat(health("a")).isEqualTo(Health.HEALTHY);
  }

  /** A controller that has heard of every node that lives. */
  private void age() {
    time.advance(FleetBook.LEASES_COME);
    book.heard(book.presence());
    book.judge();
  }

  @Test
  void statusesThatAnOutageHeldUpSpeakAgainstNoNodeAtAControllerThatBeganMeanwhile() {
    hearsItself = false;
    Duration old = Duration.ofSeconds(20);
    for (int number = 1; number <= 5; number++) {
      book.renew(lease("a", number, 10, old));
      pass(Duration.ofSeconds(2));
    }
    assertThat(view("a").inService()).isFalse();
    hearsItself = true;
    book.heard(book.presence());
    assertThat(book.renew(lease("a", 6, 10, old)))
        .as("whoever hears nothing over psrpc orders nobody to build that anew")
        .isEmpty();
    book.canaryAnswered("a", old);
    book.canaryAnswered("a", old);
    book.judge();
    assertThat(choose("EG")).isEqualTo(new Choice.Node("a"));
  }

  @Test
  void statusesThatStayThoughCanariesGetThroughSpeakAgainstTheirNode() {
    renew("a");
    renew("b");
    renew("c");
    Duration stuck = Duration.ofSeconds(30);
    for (int second = 1; second <= 20; second++) {
      time.advance(Duration.ofSeconds(1));
      book.heard(book.presence());
      renew("b");
      renew("c");
      book.renew(lease("a", numbers.merge("a", 1L, Long::sum), 10, stuck));
      book.canaryAnswered("a", stuck);
      book.canaryAnswered("b", Duration.ZERO);
      book.canaryAnswered("c", Duration.ZERO);
      book.judge();
      Health expected =
          second <= 7 ? Health.HEALTHY : second <= 12 ? Health.SUSPECT : Health.WEDGED;
      assertThat(health("a")).as("after %d s", second).isEqualTo(expected);
    }
    assertThat(view("a").inService()).isFalse();
  }

  @Test
  void aControllerThatJustBeganRefusesNobodyForGood() {
    assertThat(choose("EG")).isEqualTo(new Choice.Nobody(Refusal.NOT_ALL_KNOWN));
    age();
    assertThat(choose("EG")).isEqualTo(new Choice.Nobody(Refusal.NONE_ALIVE));
  }

  @Test
  void whoSaysThatItIsFullIsAskedAgainAfterItsNextLease() {
    age();
    renew("a");
    book.canaryAnswered("a", Duration.ZERO);
    book.judge();
    assertThat(choose("EG_1")).isEqualTo(new Choice.Node("a"));
    book.saidFull("a", Admission.Shortage.CPU);
    assertThat(choose("EG_2")).isEqualTo(new Choice.Nobody(Refusal.FULL_CPU));
    renew("b");
    book.judge();
    assertThat(choose("EG_2"))
        .as("a node that is not judged yet may have room")
        .isEqualTo(new Choice.Nobody(Refusal.NONE_TRUSTED));
    renew("a");
    assertThat(choose("EG_2")).isEqualTo(new Choice.Node("a"));
  }

  @Test
  void startsUnderWayCountAsLoadUntilALeaseTellsOfThem() {
    age();
    book.renew(lease("a", 1, 2));
    book.canaryAnswered("a", Duration.ZERO);
    book.judge();
    assertThat(choose("EG_1")).isEqualTo(new Choice.Node("a"));
    assertThat(choose("EG_2")).isEqualTo(new Choice.Node("a"));
    assertThat(choose("EG_3")).isEqualTo(new Choice.Nobody(Refusal.FULL_SLOTS));
    book.release("a", "EG_2");
    assertThat(choose("EG_3")).isEqualTo(new Choice.Node("a"));
    book.renew(lease("a", 2, 2, new Lease.Held("EG_1", 1, 0, 0), new Lease.Held("EG_3", 1, 0, 0)));
    assertThat(view("a").pendingStarts()).isZero();
    assertThat(choose("EG_4")).isEqualTo(new Choice.Nobody(Refusal.FULL_SLOTS));
    book.renew(lease("a", 1, 2));
    assertThat(choose("EG_4")).as("an old lease that comes late").isInstanceOf(Choice.Nobody.class);
  }

  @Test
  void aControllerThatDoesNotWatchANodeBelievesThoseThatDo() {
    FleetBook other = new FleetBook(FleetSettings.of("CO_2"), time, new Random(6));
    FleetBook third = new FleetBook(FleetSettings.of("CO_3"), time, new Random(7));
    List<FleetBook> all = List.of(book, other, third);
    String node = nodeNotWatchedBy("CO_1");
    for (int second = 1; second <= 12; second++) {
      for (FleetBook one : all) {
        one.renew(lease(node, second, 10));
      }
      List<Presence> said = all.stream().map(FleetBook::presence).toList();
      all.forEach(one -> said.forEach(one::heard));
      for (FleetBook one : all) {
        for (String due : one.canariesDue()) {
          if (second < 6) {
            one.canaryAnswered(due, Duration.ZERO);
          } else {
            one.canaryMissed(due);
          }
        }
        one.judge();
      }
      time.advance(Duration.ofSeconds(1));
      if (second == 5) {
        assertThat(book.canariesDue()).doesNotContain(node);
        assertThat(health(node)).isEqualTo(Health.HEALTHY);
      }
    }
    assertThat(health(node)).isEqualTo(Health.WEDGED);
    assertThat(book.controllers()).containsExactlyInAnyOrder("CO_1", "CO_2", "CO_3");
  }

  @Test
  void whatAControllerDoesNotHearOthersWatchAndJudge() {
    Presence elsewhere =
        Presence.newBuilder()
            .setFormat(2)
            .setControllerId("CO_2")
            .setNumber(1)
            .addNodeIds("b")
            .build();
    Presence hearsNobody =
        Presence.newBuilder().setFormat(2).setControllerId("CO_3").setNumber(1).build();
    renew("a");
    book.heard(elsewhere);
    book.heard(hearsNobody);
    assertThat(book.judgesOf("a")).containsExactly("CO_1");
    assertThat(book.judgesOf("b")).containsExactly("CO_2");
    assertThat(book.judgesOf("unheard")).containsExactlyInAnyOrder("CO_1", "CO_2", "CO_3");
    assertThat(book.judgesOf("")).containsExactlyInAnyOrder("CO_1", "CO_2");
    for (int i = 0; i < 50; i++) {
      renew("n" + i);
    }
    assertThat(book.canariesDue()).hasSize(51);
    assertThat(book.presence().getNodeIdsList()).hasSize(51).contains("a");
  }

  @Test
  void aRestartedNodeThatDoesNotGetOnKeepsItsEgressesTenSeconds() {
    node("old");
    pass(Duration.ofSeconds(2));
    renew("old", new Lease.Held("EG_1", 1, 0, 0));
    leases.remove("old");
    canaries.remove("old");
    pass(Duration.ofSeconds(8));
    renew("heir", new Lease.Held("EG_1", 0, 0, 0));
    assertThat(book.holder("old", "EG_1", 1, 0).silent()).isZero();
    time.advance(Duration.ofSeconds(9));
    renew("heir", new Lease.Held("EG_1", 0, 0, 0));
    assertThat(book.holder("old", "EG_1", 1, 0).silent()).isZero();
    time.advance(Duration.ofSeconds(2));
    renew("heir", new Lease.Held("EG_1", 0, 0, 0));
    assertThat(book.holder("old", "EG_1", 1, 0).silent()).isGreaterThan(Duration.ofSeconds(10));
    renew("heir", new Lease.Held("EG_1", 2, 0, 0));
    assertThat(book.holder("old", "EG_1", 1, 0).silent()).isZero();
  }

  private static String nodeNotWatchedBy(String controller) {
    List<String> controllers = List.of("CO_1", "CO_2", "CO_3");
    for (int i = 0; ; i++) {
      if (!CanaryPlan.watches(controller, "NE_" + i, controllers)) {
        return "NE_" + i;
      }
    }
  }

  @Test
  void anOldEpochInALeaseIsFencedAndADrainedNodeGetsNoStart() {
    node("a");
    pass(Duration.ofSeconds(6));
    renew("a", new Lease.Held("EG_1", 1, 0, 0), new Lease.Held("EG_2", 2, 0, 0));
    book.fence("EG_1", 2, "moved");
    book.fence("EG_2", 2, "its own");
    assertThat(renew("a")).containsExactly(new LeaseOrder.Fence("EG_1", 2, "moved"));
    assertThat(book.drain("a", "operator")).isTrue();
    book.judge();
    assertThat(health("a")).isEqualTo(Health.DRAINING);
    assertThat(choose("EG")).isEqualTo(new Choice.Nobody(Refusal.ALL_DRAINING));
    assertThat(renew("a")).containsExactly(new LeaseOrder.Drain("operator"));
    assertThat(renew("a"))
        .as("a node that does not drain did not get the answer")
        .containsExactly(new LeaseOrder.Drain("operator"));
    assertThat(book.drain("unknown", "operator")).isFalse();
  }
}
