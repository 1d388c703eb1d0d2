package io.spillway.core.fleet;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is done about a node that doesn't get well by itself, rung by rung.
 *
 * <pre>
 * rung     when                                                            what it costs
 * (none)   WEDGED: it gets no start                                        nothing; see {@link Ejection}
 * REBUILD  WEDGED and its leases come: it makes its RPC half anew          nothing; ordered over the lease
 * REPLACE  WEDGED for long, or again and again;                            nothing; there is one node more
 *          GONE for long, and nobody can end it; or a person asked for it
 * DRAIN    replaced, out of service, and another node of its region is     nothing: its recordings go on
 *          well                                                            to their end
 * KILL     GONE for long;                                                  what it still recorded unheard
 *          or told to drain long ago, and without a recording
 * </pre>
 *
 * No rung but the last cuts a recording, and the last never meets a node that is heard and has one.
 * A node that left in order, drained and empty, needs no rung. REBUILD is ordered by the fleet's
 * book itself; here it only counts as a step that was taken.
 *
 * <p>Everything is paced: two costly steps (REPLACE, KILL) never come close together, and never
 * many in a while. A judge that finds much of the fleet ill is more likely ill itself, and then the
 * pace limits the harm.
 */
public final class RepairLadder {
  private RepairLadder() {}

  /** A rung. */
  public enum Step {
    REBUILD,
    REPLACE,
    DRAIN,
    KILL;

    /** Whether it starts or ends processes that somebody pays for. */
    public boolean isCostly() {
      return this == REPLACE || this == KILL;
    }
  }

  /** What became of a step. */
  public enum Outcome {
    /** Not taken yet: a person wants it. */
    ASKED,
    /** Begun; whoever began it may have died over it. */
    BEGUN,
    DONE,
    FAILED
  }

  /**
   * A step that was taken.
   *
   * @param ago how long ago its outcome came
   */
  public record Taken(Step step, Outcome outcome, Duration ago) {}

  /**
   * A node as it stands.
   *
   * @param healthFor since when it has this health
   * @param inService it may get starts
   * @param leases its leases come: what it says of itself is of today
   * @param draining it said that it takes no more starts
   * @param recordings that it had by its last lease
   * @param possible what can be done to it from here
   * @param taken the steps taken, in any order
   */
  public record Patient(
      String nodeId,
      String region,
      Health health,
      Duration healthFor,
      boolean inService,
      boolean leases,
      boolean draining,
      int recordings,
      Set<Step> possible,
      List<Taken> taken) {
    /** Copies what is handed in. */
    public Patient {
      possible = Set.copyOf(possible);
      taken = List.copyOf(taken);
    }

    private boolean isAskedFor(Step step) {
      return taken.stream().anyMatch(one -> one.step == step && one.outcome == Outcome.ASKED);
    }

    /** How often it was begun since a person last asked for it, or ever. */
    private long tries(Step step) {
      Optional<Duration> asked =
          taken.stream()
              .filter(one -> one.step == step && one.outcome == Outcome.ASKED)
              .map(Taken::ago)
              .min(Comparator.naturalOrder());
      return taken.stream()
          .filter(one -> one.step == step && one.outcome == Outcome.BEGUN)
          .filter(one -> asked.isEmpty() || one.ago.compareTo(asked.get()) <= 0)
          .count();
    }

    private boolean has(Step step) {
      return taken.stream().anyMatch(one -> one.step == step && one.outcome == Outcome.DONE);
    }

    private boolean hasFor(Step step, Duration atLeast) {
      return taken.stream()
          .anyMatch(one ->
              one.step == step && one.outcome == Outcome.DONE && one.ago.compareTo(atLeast) >= 0);
    }

    private long lately(Step step, Outcome outcome, Duration within) {
      return taken.stream()
          .filter(
              one -> one.step == step && one.outcome == outcome && one.ago.compareTo(within) < 0)
          .count();
    }
  }

  /**
   * How patient the ladder is.
   *
   * @param rebuildFor a wedged node gets so long to get well by a new RPC half
   * @param rebuildsMost so many rebuilds within {@code window} and it is replaced though it gets
   *     well in between
   * @param silentFor a node that is gone gets so long to come back
   * @param emptyFor a node that was told to drain and has no recording gets so long to end
   * @param pace between two costly steps, of any nodes
   * @param window and {@code costlyMost}: so many costly steps within it
   * @param retryAfter before a step that failed is tried once more
   * @param triesMost of one step on one node
   */
  public record Rules(
      Duration rebuildFor,
      int rebuildsMost,
      Duration silentFor,
      Duration emptyFor,
      Duration pace,
      Duration window,
      int costlyMost,
      Duration retryAfter,
      int triesMost) {
    /** Wedged nodes are replaced, and dead ones started again, within half a minute. */
    public static Rules usual() {
      return new Rules(
          Duration.ofSeconds(15),
          4,
          Duration.ofSeconds(20),
          Duration.ofMinutes(2),
          Duration.ofSeconds(15),
          Duration.ofMinutes(10),
          6,
          Duration.ofMinutes(1),
          3);
    }
  }

  /**
   * A step to take now.
   *
   * @param reason for people
   */
  public record Act(String nodeId, Step step, String reason) {}

  /**
   * The next step for the whole fleet, if one is due; one at a time.
   *
   * @param patients every node that is known
   * @param costly how long ago each costly step was begun, of all nodes, forgotten ones too
   */
  public static Optional<Act> next(List<Patient> patients, List<Duration> costly, Rules rules) {
    boolean mayCost = mayCost(costly, rules);
    return patients.stream()
        .flatMap(patient -> wanted(patient, patients, rules).stream())
        .filter(act -> mayCost || !act.step.isCostly())
        .min(
            Comparator.comparingInt((Act act) -> act.step.isCostly() ? 1 : 0)
                .thenComparing(Act::nodeId));
  }

  private static boolean mayCost(List<Duration> costly, Rules rules) {
    long lately = costly.stream().filter(ago -> ago.compareTo(rules.window) < 0).count();
    boolean justNow = costly.stream().anyMatch(ago -> ago.compareTo(rules.pace) < 0);
    return !justNow && lately < rules.costlyMost;
  }

  private static Optional<Act> wanted(Patient patient, List<Patient> all, Rules rules) {
    boolean leftInOrder =
        patient.health == Health.GONE && patient.draining && patient.recordings == 0;
    if (leftInOrder || patient.has(Step.KILL)) {
      return Optional.empty();
    }
    Optional<Act> act =
        patient.health == Health.GONE ? ofGone(patient, rules) : ofHeard(patient, all, rules);
    return act.filter(one -> mayTry(patient, one.step, rules));
  }

  private static boolean mayTry(Patient patient, Step step, Rules rules) {
    boolean lately =
        patient.taken.stream()
            .anyMatch(one ->
                one.step == step
                    && one.outcome != Outcome.ASKED
                    && one.ago.compareTo(rules.retryAfter) < 0);
    return patient.possible.contains(step) && !lately && patient.tries(step) < rules.triesMost;
  }

  private static Optional<Act> ofGone(Patient patient, Rules rules) {
    if (patient.healthFor.compareTo(rules.silentFor) < 0) {
      return Optional.empty();
    }
    String silent = "not heard on either way for " + patient.healthFor.toSeconds() + " s";
    if (patient.possible.contains(Step.KILL)) {
      return Optional.of(new Act(patient.nodeId, Step.KILL, silent));
    }
    return patient.has(Step.REPLACE)
        ? Optional.empty()
        : Optional.of(new Act(patient.nodeId, Step.REPLACE, silent));
  }

  private static Optional<Act> ofHeard(Patient patient, List<Patient> all, Rules rules) {
    if (!patient.has(Step.REPLACE)) {
      return replacement(patient, rules);
    }
    if (!patient.has(Step.DRAIN)) {
      boolean helped =
          all.stream()
              .anyMatch(other ->
                  !other.nodeId.equals(patient.nodeId)
                      && other.region.equals(patient.region)
                      && other.health == Health.HEALTHY
                      && other.inService);
      // One that is well again is drained too: its place is taken. One that may be needed is not.
      boolean spare = !patient.inService || patient.health == Health.HEALTHY;
      return helped && spare
          ? Optional.of(new Act(patient.nodeId, Step.DRAIN, "another node has its place"))
          : Optional.empty();
    }
    boolean empty = patient.leases && patient.recordings == 0;
    return empty && patient.hasFor(Step.DRAIN, rules.emptyFor)
        ? Optional.of(
            new Act(patient.nodeId, Step.KILL, "told to drain, without a recording, and stays"))
        : Optional.empty();
  }

  private static Optional<Act> replacement(Patient patient, Rules rules) {
    if (patient.isAskedFor(Step.REPLACE)) {
      return Optional.of(new Act(patient.nodeId, Step.REPLACE, "asked for by a person"));
    }
    boolean wedged = patient.health == Health.WEDGED;
    if (wedged && patient.healthFor.compareTo(rules.rebuildFor) >= 0) {
      return Optional.of(
          new Act(
              patient.nodeId,
              Step.REPLACE,
              "wedged for " + patient.healthFor.toSeconds() + " s, a new RPC half did not help"));
    }
    long rebuilds = patient.lately(Step.REBUILD, Outcome.DONE, rules.window);
    return wedged && rebuilds >= rules.rebuildsMost
        ? Optional.of(
            new Act(patient.nodeId, Step.REPLACE, "wedged again after " + rebuilds + " rebuilds"))
        : Optional.empty();
  }
}
