package io.spillway.controller.repair;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.FleetSettings;
import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.fleet.Place;
import io.spillway.core.fleet.RepairLadder.Outcome;
import io.spillway.core.fleet.RepairLadder.Rules;
import io.spillway.core.fleet.RepairLadder.Step;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.fleet.Presence;
import io.spillway.store.ControllerStore;
import io.spillway.store.fleet.NodeStep;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two controllers over one store and one fleet, on a clock of our own, with a fake supervisor. */
class RepairLoopTest {
  @TempDir Path folder;
  private final SimulatedTime time = new SimulatedTime();
  private final Set<String> leases = new LinkedHashSet<>();
  private final Set<String> canaries = new HashSet<>();
  private final Map<String, Long> numbers = new HashMap<>();
  private final Map<String, Integer> recordings = new HashMap<>();
  private final Map<String, Place> places = new HashMap<>();
  private final List<String> acts = new ArrayList<>();
  private final List<LeaseOrder> orders = new ArrayList<>();
  private boolean supervisorWorks = true;
  private ControllerStore store;
  private Judge first;
  private Judge second;

  /** A controller as far as it matters here. */
  private final class Judge {
    private final FleetBook book;
    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private final RepairLoop loop;
    private boolean lives = true;

    Judge(String id) {
      book = new FleetBook(FleetSettings.of(id), time, new Random(5));
      loop =
          new RepairLoop(
              book, store, new FakeSupervisor(id), Rules.usual(), metrics, time, Runnable::run);
    }

    double counted(String name, Step step) {
      return metrics.scrape().stream()
          .filter(metric -> metric.getMetadata().getName().equals(name))
          .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
          .filter(
              point -> step.name().toLowerCase(Locale.ROOT).equals(point.getLabels().get("step")))
          .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
          .sum();
    }
  }

  private final class FakeSupervisor implements Supervisor {
    private final String controller;

    FakeSupervisor(String controller) {
      this.controller = controller;
    }

    @Override
    public String reach() {
      return "here";
    }

    @Override
    public Set<Step> possible(Lease node) {
      return Set.of(Step.REPLACE, Step.DRAIN, Step.KILL);
    }

    private String act(String what, Lease node) {
      acts.add(controller + " " + what + " " + node.nodeId());
      if (!supervisorWorks) {
        throw new RepairException("no room\nfor another");
      }
      return what + " done";
    }

    @Override
    public String replace(Lease node) {
      return act("replaces", node);
    }

    @Override
    public String drain(Lease node) {
      return act("drains", node);
    }

    @Override
    public String kill(Lease node) {
      return act("kills", node);
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void open() {
    store = EgressStores.sqlite(folder, time);
    first = new Judge("CO_1");
    second = new Judge("CO_2");
    List.of("a", "b", "c").forEach(this::join);
    pass(5);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void join(String id) {
    leases.add(id);
    canaries.add(id);
    renew(id);
  }

  private void renew(String id) {
    long number = numbers.merge(id, 1L, Long::sum);
    List<Lease.Held> held = new ArrayList<>();
    for (int i = 0; i < recordings.getOrDefault(id, 0); i++) {
      held.add(new Lease.Held("EG_" + id + i, 1, 0, 0));
    }
    Lease lease =
        new Lease(
                id,
                number,
                "eu",
                "",
                "1.0",
                new Admission.Load(8, 1, 0, held.size(), 0, 0),
                new Admission.Limits(0.8, 0, 10),
                new Admission.Cost(0.01, 0),
                false,
                Duration.ZERO,
                held,
                0)
            .at(places.getOrDefault(id, new Place("m", 1, 1, "", "/data/" + id)));
    for (Judge judge : List.of(first, second)) {
      orders.addAll(judge.book.renew(lease));
    }
  }

  private void pass(int seconds) {
    for (int second = 0; second < seconds; second++) {
      time.advance(Duration.ofMillis(500));
      List<Judge> living = List.of(first, this.second).stream().filter(one -> one.lives).toList();
      for (Judge judge : living) {
        Presence said = judge.book.presence();
        living.forEach(other -> other.book.heard(said));
      }
      leases.forEach(this::renew);
      for (Judge judge : living) {
        for (String id : judge.book.canariesDue()) {
          if (canaries.contains(id)) {
            judge.book.canaryAnswered(id, Duration.ZERO);
          } else {
            judge.book.canaryMissed(id);
          }
        }
        var _ = judge.book.judge();
      }
      time.advance(Duration.ofMillis(500));
      for (Judge judge : living) {
        var _ = judge.book.judge();
        look(judge);
      }
    }
  }

  private static void look(Judge judge) {
    try {
      judge.loop.look();
    } catch (InterruptedException never) {
      throw new AssertionError(never);
    }
  }

  @Test
  void aWedgedNodeIsReplacedAndDrainedByOneControllerAndItsRecordingsGoOn() {
    recordings.put("b", 2);
    canaries.remove("b");
    pass(15);
    assertThat(acts).as("it rebuilds its RPC half meanwhile").isEmpty();
    assertThat(orders).anyMatch(LeaseOrder.RebuildRpc.class::isInstance);
    pass(10);
    assertThat(acts).containsExactly("CO_1 replaces b", "CO_1 drains b");
    assertThat(orders).anyMatch(LeaseOrder.Drain.class::isInstance);
    pass(600);
    assertThat(acts).as("it is heard and records: nobody ends it").hasSize(2);
    recordings.put("b", 0);
    pass(3);
    assertThat(acts).last().isEqualTo("CO_1 kills b");
  }

  @Test
  void eachStepIsInTheNodesHistoryTheMetricsAndOnEveryDashboard() {
    canaries.remove("b");
    pass(25);
    assertThat(store.nodes().history("b", 50))
        .extracting(NodeStep::reason)
        .contains(
            "repair, rebuild done: a new RPC half ordered with its lease",
            "repair, replace begun: wedged for 15 s, a new RPC half did not help",
            "repair, replace done: replaces done",
            "repair, drain done: drains done");
    assertThat(first.counted("spillway_repair_steps", Step.REPLACE)).isEqualTo(1);
    assertThat(first.counted("spillway_repair_steps", Step.REBUILD)).isPositive();
    pass(6); // the other one reads it from the store
    assertThat(second.loop.notes("b")).isEqualTo(first.loop.notes("b"));
    assertThat(second.loop.notes("b")).extracting(RepairNote::step).contains(Step.DRAIN);
  }

  @Test
  void aDeadNodeIsEndedAndTakenUpOnceAndTheOthersAreLeftAlone() {
    recordings.put("b", 2);
    leases.remove("b");
    canaries.remove("b");
    pass(40);
    assertThat(acts).containsExactly("CO_1 kills b");
    pass(500);
    assertThat(acts).hasSize(1);
  }

  @Test
  void aNodeWhoseNextLifeIsHereAlreadyIsLeftAlone() {
    leases.remove("b");
    canaries.remove("b");
    pass(5);
    places.put("b2", new Place("m", 2, 2, "", "/data/b")); // somebody else has started it again
    join("b2");
    pass(60);
    assertThat(acts).isEmpty();
  }

  @Test
  void theOtherControllerGoesOnWhereADeadOneStopped() {
    recordings.put("b", 1);
    canaries.remove("b");
    pass(21);
    assertThat(acts).first().isEqualTo("CO_1 replaces b");
    int before = acts.size();
    first.lives = false;
    pass(120);
    assertThat(acts).as("nothing twice").hasSizeLessThanOrEqualTo(2);
    canaries.remove("c");
    join("d");
    pass(60);
    assertThat(acts.subList(before, acts.size())).contains("CO_2 replaces c");
  }

  @Test
  void aStepThatFailsIsCountedAndTriedThreeTimes() {
    supervisorWorks = false;
    leases.remove("b");
    canaries.remove("b");
    pass(300);
    assertThat(acts).containsExactly("CO_1 kills b", "CO_1 kills b", "CO_1 kills b");
    assertThat(first.counted("spillway_repair_failures", Step.KILL)).isEqualTo(3);
    assertThat(first.counted("spillway_repair_steps", Step.KILL)).isZero();
    assertThat(first.loop.notes("b"))
        .filteredOn(note -> note.outcome() == Outcome.FAILED)
        .extracting(RepairNote::text)
        .containsOnly("no room for another");
  }

  @Test
  void whenAllFallSilentTheRepairIsPaced() {
    List.of("a", "b", "c")
        .forEach(id -> {
          leases.remove(id);
          canaries.remove(id);
        });
    pass(30);
    assertThat(acts).hasSize(1);
    pass(15);
    assertThat(acts).hasSize(2);
  }

  @Test
  void whatAPersonAskedOfTheControllerWithoutTheDutyIsDoneByTheOtherOnce() {
    assertThat(second.loop.replacements().obstacles()).isEmpty();
    assertThat(second.loop.replacements().ask("b", "by hand")).isEmpty();
    assertThat(second.loop.replacements().obstacles())
        .containsExactly(Map.entry("b", "Its replacement is under way already."));
    assertThat(second.loop.replacements().ask("b", "by hand")).isPresent();
    pass(10);
    assertThat(acts).containsExactly("CO_1 replaces b", "CO_1 drains b");
    assertThat(store.nodes().history("b", 50))
        .extracting(NodeStep::reason)
        .containsSubsequence(
            "repair, drain done: drains done",
            "repair, replace done: replaces done",
            "repair, replace begun: asked for by a person",
            "repair, replace asked: by hand");
    assertThat(first.loop.replacements().ask("x", "by hand"))
        .contains("There is no node with this id any more.");
  }

  @Test
  void aReplacementThatFailedCanBeAskedForAgain() {
    supervisorWorks = false;
    assertThat(first.loop.replacements().ask("b", "by hand")).isEmpty();
    pass(3);
    assertThat(acts).containsExactly("CO_1 replaces b");
    assertThat(first.loop.replacements().obstacles()).isEmpty();
    supervisorWorks = true;
    assertThat(first.loop.replacements().ask("b", "by hand")).isEmpty();
    pass(70);
    assertThat(acts).containsExactly("CO_1 replaces b", "CO_1 replaces b", "CO_1 drains b");
  }

  @Test
  void withoutASupervisorItIsSaidWhyNothingCanBeReplaced() {
    RepairLoop people =
        new RepairLoop(
            first.book,
            store,
            Supervisor.none(),
            Rules.usual(),
            new PrometheusRegistry(),
            time,
            Runnable::run);
    assertThat(people.replacements().obstacles().values())
        .hasSize(3)
        .containsOnly("This controller has no supervisor, so it can't start another node.");
    assertThat(people.replacements().ask("b", "by hand")).isPresent();
    pass(10);
    assertThat(acts).isEmpty();
  }
}
