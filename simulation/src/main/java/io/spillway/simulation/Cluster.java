package io.spillway.simulation;

import io.spillway.controller.fleet.HealthChange;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The whole world of one seed: builds it, lets users ask for egresses while things fail, waits
 * until all is mended and over, and looks at what is left.
 */
public final class Cluster {
  private static final Duration SAMPLE = Duration.ofMillis(100);

  /**
   * Three seconds in a row in which a start could have been taken. A call takes up to two of them
   * when one of its messages is lost, so with three unlucky calls one after the other nobody was in
   * reach, however well the nodes are: that time doesn't count.
   */
  private static final int LONG_ENOUGH = 30;

  private static final int SAMPLES_KEPT = 110;

  final SimulationClock clock = new SimulationClock();
  final Random random;
  final Mutant mutant;
  final Network network;
  final Invariants invariants = new Invariants(clock);
  final List<SimulatedNode> nodes = new ArrayList<>();
  final List<SimulatedController> controllers = new ArrayList<>();
  final SimulatedStore store;
  int moved;
  private final Map<String, Egress> egresses = new HashMap<>();
  private final Map<SimulatedController, Deque<Sample>> good = new HashMap<>();
  private final Scale scale;
  private final Faults faults;
  private int asked;
  private int failed;
  private int judged;

  /**
   * How large it is.
   *
   * @param startsPerSecond on average
   */
  public record Scale(
      int controllers, int nodes, int regions, int slots, int egresses, int startsPerSecond) {
    /** Three controllers, 50 nodes in three regions. */
    public static Scale usual(int egresses) {
      return new Scale(3, 50, 3, 40, egresses, 20);
    }
  }

  /**
   * What happened.
   *
   * @param broken each broken rule with its moment; empty when all held
   * @param moved egresses that were taken from their node
   * @param judged changes of a node's health or service
   * @param steps of the clock
   */
  public record Outcome(
      long seed,
      List<String> broken,
      int asked,
      int accepted,
      int failed,
      int moved,
      int judged,
      long steps,
      double simulatedSeconds) {}

  /** Which nodes a controller could have given a start to at this moment, one bit for each. */
  private record Sample(long atNanos, long nodes) {}

  private Cluster(long seed, Scale scale, Mutant mutant) {
    this.random = new Random(seed);
    this.scale = scale;
    this.mutant = mutant;
    this.network = new Network(clock, new Random(seed + 1));
    this.store = new SimulatedStore(clock, mutant, invariants, egresses);
    this.faults = new Faults(this, new Random(seed + 2));
    for (int i = 0; i < scale.nodes(); i++) {
      nodes.add(new SimulatedNode(i, "region-" + i % scale.regions(), scale.slots(), this));
    }
    for (int i = 0; i < scale.controllers(); i++) {
      controllers.add(new SimulatedController(i, this));
    }
  }

  /** Runs one seed to its end. */
  public static Outcome run(long seed, Scale scale, Mutant mutant) {
    return new Cluster(seed, scale, mutant).run(seed);
  }

  private Outcome run(long seed) {
    controllers.forEach(SimulatedController::boot);
    nodes.forEach(SimulatedNode::boot);
    clock.every(SAMPLE, this::sample);
    clock.every(Duration.ofMillis(200), this::deliverWebhooks);
    clock.runUntil(Duration.ofSeconds(5).toNanos());
    faults.go();
    ask();
    while (asked < scale.egresses()) {
      clock.runUntil(clock.nanos() + Duration.ofSeconds(1).toNanos());
    }
    faults.stop();
    long patience = clock.nanos() + Duration.ofMinutes(6).toNanos();
    while (clock.nanos() < patience && (store.unfinishedCount() > 0 || !store.ends().isEmpty())) {
      clock.runUntil(clock.nanos() + Duration.ofSeconds(1).toNanos());
    }
    clock.runUntil(clock.nanos() + Duration.ofSeconds(5).toNanos());
    int accepted = 0;
    for (Egress egress : egresses.values()) {
      Optional<StoredEgress> row = store.row(egress.id);
      boolean isFinal =
          row.map(stored -> StatusOrder.isFinal(stored.info().getStatus())).orElse(false);
      invariants.atTheEnd(egress, row.isPresent(), isFinal);
      accepted += egress.accepted ? 1 : 0;
    }
    return new Outcome(
        seed,
        invariants.broken(),
        asked,
        accepted,
        failed,
        moved,
        judged,
        clock.steps(),
        clock.nanos() / 1e9);
  }

  private void ask() {
    if (asked == scale.egresses()) {
      return;
    }
    List<SimulatedController> alive =
        controllers.stream().filter(one -> one.endpoint.alive).toList();
    if (!alive.isEmpty()) {
      startOn(alive.get(random.nextInt(alive.size())));
    }
    double pause = -Math.log(1 - random.nextDouble()) / scale.startsPerSecond();
    var _ = clock.afterNanos((long) (pause * 1e9), this::ask);
  }

  private void startOn(SimulatedController controller) {
    asked++;
    long lasts = Duration.ofMillis(5_000 + random.nextInt(50_000)).toNanos();
    Egress egress =
        new Egress(
            "EG_" + asked, "region-" + random.nextInt(scale.regions()), clock.nanos() + lasts);
    egresses.put(egress.id, egress);
    long began = clock.nanos();
    controller.start(
        egress,
        why -> {
          failed++;
          if (couldHaveBeenTaken(egress, controller, began)) {
            invariants.failedNeedlessly(
                "%s of %s after %d ms: %s, after %s"
                    .formatted(
                        egress.id,
                        controller.id(),
                        (clock.nanos() - began) / 1_000_000,
                        why,
                        egress.steps()));
          }
        });
  }

  private void sample() {
    long well = 0;
    for (int i = 0; i < nodes.size(); i++) {
      well |= nodes.get(i).isGood() && !network.busIsDown() ? 1L << i : 0;
    }
    for (SimulatedController controller : controllers) {
      Deque<Sample> samples = good.computeIfAbsent(controller, _ -> new ArrayDeque<>());
      samples.addLast(new Sample(clock.nanos(), controller.isGood() ? well : 0));
      if (samples.size() > SAMPLES_KEPT) {
        samples.removeFirst();
      }
    }
  }

  private boolean couldHaveBeenTaken(
      Egress egress, SimulatedController controller, long beganNanos) {
    Deque<Sample> samples = good.getOrDefault(controller, new ArrayDeque<>());
    long span = (clock.nanos() - beganNanos) / SAMPLE.toNanos();
    int[] runs = new int[nodes.size()];
    Iterator<Sample> newestFirst = samples.descendingIterator();
    for (long i = 0; i < span && newestFirst.hasNext(); i++) {
      Sample sample = newestFirst.next();
      long well = egress.couldReach(sample.atNanos()) ? sample.nodes() : 0;
      for (int node = 0; node < runs.length; node++) {
        runs[node] = (well >> node & 1) == 1 ? runs[node] + 1 : 0;
        if (runs[node] >= LONG_ENOUGH) {
          return true;
        }
      }
    }
    return false;
  }

  /** One in ten attempts fails and is made again. */
  private void deliverWebhooks() {
    for (SimulatedController controller : controllers) {
      if (controller.endpoint.alive && controller.reachesStore) {
        deliver(mutant == Mutant.LOST_OUTBOX ? controller.memory : store.ends());
      }
    }
  }

  private void deliver(Deque<String> ends) {
    for (int left = ends.size(); left > 0; left--) {
      String id = ends.removeFirst();
      if (random.nextInt(10) == 0) {
        ends.addLast(id);
      } else {
        egress(id).endsDelivered++;
      }
    }
  }

  Egress egress(String id) {
    Egress egress = egresses.get(id);
    if (egress == null) {
      throw new IllegalStateException("nobody asked for " + id);
    }
    return egress;
  }

  void count(List<HealthChange> changes) {
    judged += changes.size();
  }

  /** The node of this id, if it is in that life. */
  Optional<SimulatedNode> node(String id) {
    int number = Integer.parseInt(id.substring(3, id.lastIndexOf('_')));
    SimulatedNode node = nodes.get(number);
    return node.id().equals(id) ? Optional.of(node) : Optional.empty();
  }

  /** Whichever controller hears the bus first. */
  Optional<SimulatedController> anyController() {
    List<SimulatedController> hearing =
        controllers.stream().filter(one -> one.endpoint.alive && one.endpoint.canReceive).toList();
    return hearing.isEmpty()
        ? Optional.empty()
        : Optional.of(hearing.get(random.nextInt(hearing.size())));
  }
}
