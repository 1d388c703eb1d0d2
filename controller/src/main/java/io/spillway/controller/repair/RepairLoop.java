package io.spillway.controller.repair;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.NodeView;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.Place;
import io.spillway.core.fleet.RepairLadder;
import io.spillway.core.fleet.RepairLadder.Act;
import io.spillway.core.fleet.RepairLadder.Outcome;
import io.spillway.core.fleet.RepairLadder.Patient;
import io.spillway.core.fleet.RepairLadder.Rules;
import io.spillway.core.fleet.RepairLadder.Step;
import io.spillway.core.time.TimeSource;
import io.spillway.store.ControllerStore;
import io.spillway.store.StoreException;
import io.spillway.store.fleet.LeaseClaim;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Climbs the {@link RepairLadder}: once a second asks which step is due and has the supervisor take
 * it. Of the controllers with the same reach one does so, by a lease in the store; a step is noted
 * there before it is taken, so that one that takes over never takes it twice.
 */
public final class RepairLoop implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Longer than the longest act, so that nobody takes over amid one. */
  private static final Duration TERM = Duration.ofSeconds(30);

  private static final Duration CLAIM_EVERY = Duration.ofSeconds(5);

  private static final int REBUILDS_NOTED = 10;

  /** Its leases come: the same as for its health. */
  private static final Duration LEASE_LOST = Health.Rules.usual().leaseLost();

  private static final Logger LOG = LoggerFactory.getLogger(RepairLoop.class);

  private final FleetBook book;
  private final RepairNotes notes;
  private final Supervisor supervisor;
  private final Rules rules;
  private final LeaseClaim claim;
  private final TimeSource time;
  private final Executor executor;
  private final Counter steps;
  private final Counter failures;
  private final Map<String, Integer> rebuildsSeen = new HashMap<>();
  private final AtomicBoolean underWay = new AtomicBoolean();
  private final AtomicReference<TimeSource.Timer> timer = new AtomicReference<>(() -> {});
  private long claimNanos;
  private volatile boolean closed;

  /**
   * Does nothing before {@link #start}.
   *
   * @param supervisor which it closes
   * @param executor where a look may block, a virtual thread each
   */
  public RepairLoop(
      FleetBook book,
      ControllerStore store,
      Supervisor supervisor,
      Rules rules,
      PrometheusRegistry metrics,
      TimeSource time,
      Executor executor) {
    this.book = book;
    this.notes = new RepairNotes(store.nodes(), time);
    this.supervisor = supervisor;
    this.rules = rules;
    this.claim =
        new LeaseClaim(
            store.leases(), "repair/" + supervisor.reach(), book.controllerId(), TERM, time);
    this.time = time;
    this.executor = executor;
    this.claimNanos = time.nanos();
    this.steps =
        Counter.builder()
            .name("spillway_repair_steps")
            .help("Steps taken to repair nodes.")
            .labelNames("step")
            .register(metrics);
    this.failures =
        Counter.builder()
            .name("spillway_repair_failures")
            .help("Steps to repair nodes that failed.")
            .labelNames("step")
            .register(metrics);
    for (Step step : Step.values()) {
      steps.initLabelValues(word(step));
      failures.initLabelValues(word(step));
    }
  }

  /** Looks once a second from now on. */
  public void start() {
    if (closed) {
      return;
    }
    timer.set(time.after(EVERY, this::start));
    if (underWay.compareAndSet(false, true)) {
      executor.execute(() -> {
        try {
          look();
        } catch (InterruptedException stopping) {
          Thread.currentThread().interrupt();
        } finally {
          underWay.set(false);
        }
      });
    }
  }

  /** What was done to this node lately, the oldest first, by any controller. */
  public List<RepairNote> notes(String nodeId) {
    return notes.of(nodeId);
  }

  /** Where people ask for a node's replacement. */
  public Replacements replacements() {
    return new Replacements(book, notes, supervisor, time);
  }

  /** One look, and at most one step. */
  void look() throws InterruptedException {
    try {
      List<NodeView> nodes = book.nodes();
      notes.read(nodes);
      boolean ours = isOurs();
      noteRebuilds(nodes, ours);
      if (!ours || book.isBlind()) {
        return;
      }
      Optional<Act> act = next(nodes);
      if (act.isPresent()) {
        notes.read(act.get().nodeId()); // somebody else may have had the duty a moment ago
        if (next(nodes).equals(act)) {
          take(act.get(), nodes);
        }
      }
    } catch (StoreException away) {
      LOG.atDebug().setCause(away).log("nothing is repaired while the store does not answer");
    }
  }

  private boolean isOurs() {
    if (time.nanos() - claimNanos >= 0) {
      claimNanos = time.nanos() + CLAIM_EVERY.toNanos();
      return claim.step();
    }
    return claim.isHeld();
  }

  private Optional<Act> next(List<NodeView> nodes) {
    List<Patient> patients = nodes.stream().map(node -> patient(node, nodes)).toList();
    return RepairLadder.next(patients, notes.costly(), rules);
  }

  private Patient patient(NodeView node, List<NodeView> all) {
    return new Patient(
        node.lease().nodeId(),
        node.lease().region(),
        node.health(),
        node.healthFor(),
        node.inService(),
        node.leaseAge().compareTo(LEASE_LOST) <= 0,
        node.lease().draining(),
        node.lease().egresses().size() + node.pendingStarts(),
        possible(node, all),
        notes.taken(node.lease().nodeId()));
  }

  /** Nothing where its history isn't read yet, or where another life has its place already. */
  private Set<Step> possible(NodeView node, List<NodeView> all) {
    boolean succeeded =
        all.stream()
            .anyMatch(other ->
                other.health() != Health.GONE
                    && !other.lease().nodeId().equals(node.lease().nodeId())
                    && isSame(other.lease().place(), node.lease().place()));
    return succeeded || !notes.knows(node.lease().nodeId())
        ? Set.of()
        : supervisor.possible(node.lease());
  }

  private static boolean isSame(Place one, Place other) {
    boolean pod = !one.pod().isEmpty() && one.pod().equals(other.pod());
    boolean folder =
        !one.data().isEmpty()
            && !one.machine().isEmpty()
            && one.machine().equals(other.machine())
            && one.data().equals(other.data());
    return pod || folder;
  }

  /**
   * The book orders them; here they become part of the node's history, unless enough of them are:
   * one that stays wedged is told so every few seconds.
   */
  private void noteRebuilds(List<NodeView> nodes, boolean ours) {
    Map<String, Integer> now = new HashMap<>();
    for (NodeView node : nodes) {
      String id = node.lease().nodeId();
      now.put(id, node.rebuilds());
      if (ours && node.rebuilds() > rebuildsSeen.getOrDefault(id, 0)) {
        rebuildsSeen.put(id, node.rebuilds()); // counted, even if the note is lost
        steps.labelValues(word(Step.REBUILD)).inc();
        if (notes.count(id, Step.REBUILD) < REBUILDS_NOTED) {
          notes.add(
              node, note(Step.REBUILD, Outcome.DONE, "a new RPC half ordered with its lease"));
        }
      }
    }
    rebuildsSeen.clear();
    rebuildsSeen.putAll(now);
  }

  private void take(Act act, List<NodeView> nodes) throws InterruptedException {
    NodeView node =
        nodes.stream()
            .filter(one -> one.lease().nodeId().equals(act.nodeId()))
            .findFirst()
            .orElseThrow();
    notes.add(node, note(act.step(), Outcome.BEGUN, act.reason()));
    LOG.atWarn()
        .addKeyValue("node", act.nodeId())
        .addKeyValue("step", act.step())
        .addKeyValue("reason", act.reason())
        .log("a node is repaired");
    try {
      String done = carryOut(act, node);
      steps.labelValues(word(act.step())).inc();
      LOG.atWarn()
          .addKeyValue("node", act.nodeId())
          .addKeyValue("step", act.step())
          .addKeyValue("done", done)
          .log("a step of a node's repair is taken");
      notes.add(node, note(act.step(), Outcome.DONE, done));
    } catch (RepairException failed) {
      failures.labelValues(word(act.step())).inc();
      LOG.atError()
          .addKeyValue("node", act.nodeId())
          .addKeyValue("step", act.step())
          .setCause(failed)
          .log("a step of a node's repair failed");
      notes.add(node, note(act.step(), Outcome.FAILED, String.valueOf(failed.getMessage())));
    }
  }

  private String carryOut(Act act, NodeView node) throws InterruptedException {
    return switch (act.step()) {
      case REBUILD -> throw new IllegalStateException("ordered by the book");
      case REPLACE -> supervisor.replace(node.lease());
      case DRAIN -> {
        boolean _ = book.drain(act.nodeId(), act.reason()); // no start from this moment on
        yield supervisor.drain(node.lease());
      }
      case KILL -> supervisor.kill(node.lease());
    };
  }

  private RepairNote note(Step step, Outcome outcome, String text) {
    return new RepairNote(time.unixNanos(), step, outcome, text.replaceAll("\\s+", " "));
  }

  private static String word(Step step) {
    return step.name().toLowerCase(Locale.ROOT);
  }

  /** Takes no further step; one under way ends by its own deadline. */
  @Override
  public void close() {
    closed = true;
    timer.get().cancel();
    if (underWay.compareAndSet(false, true)) { // else it is amid a step: the lease runs out
      try {
        claim.release();
      } catch (StoreException away) {
        LOG.atDebug().setCause(away).log("the duty of repairs is left to run out");
      }
    }
    supervisor.close();
  }
}
