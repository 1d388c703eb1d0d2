package io.spillway.bench.incident;

import io.spillway.app.command.Terminal;
import io.spillway.bench.blocked.BlockableBus;
import io.spillway.bench.stage.Fleet;
import io.spillway.bench.stage.Program;
import io.spillway.bench.stage.Stage;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Keeps a fleet under steady starts and does one thing after the other to one of its nodes, with
 * recovery between, until there were enough starts.
 */
public final class Replay {
  private static final Duration LOOK_EACH = Duration.ofMillis(100);
  private static final Duration BEFORE = Duration.ofSeconds(3);
  private static final Duration FREEZE = Duration.ofSeconds(30);
  private static final Duration RESTART = Duration.ofSeconds(3);
  private static final Duration SETTLE_WITHIN = Duration.ofSeconds(60);

  /** Twice what mending may take: then the next fault comes all the same. */
  static final Duration GIVE_UP = Duration.ofMinutes(2);

  private final Terminal terminal;
  private final TimeSource time;
  private final Plan plan;
  private final RandomGenerator random;
  private final List<RedisDoor> doors = new ArrayList<>();
  private final List<Episode> episodes = new ArrayList<>();

  /**
   * What to do.
   *
   * @param database PostgreSQL's URL for two controllers; empty: one
   * @param hold how long a wedge also takes hold of new connections; afterwards the node can mend
   *     itself by making new ones
   * @param recovery between a mended fault and the next
   */
  public record Plan(
      Program program,
      String database,
      int nodes,
      int starts,
      double perSecond,
      List<Fault> faults,
      Duration hold,
      Duration recovery) {
    /** Nodes as they are shipped, unless something is to be done inside of them. */
    private List<String> nodeCommand() {
      return faults.contains(Fault.BLOCK)
          ? List.of("bench", BlockableBus.COMMAND)
          : List.of("node");
    }

    /** Copies the list; without faults nothing would be replayed. */
    public Plan {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("no faults");
      }
    }
  }

  /** For this terminal; {@code random} seeds keys, lives and the storm. */
  public Replay(Terminal terminal, Plan plan, RandomGenerator random) {
    this.terminal = terminal;
    this.time = terminal.time();
    this.plan = plan;
    this.random = random;
  }

  /** All of it on this empty stage, which stays the caller's. */
  public Outcome on(Stage stage) throws IOException, InterruptedException {
    terminal.say("bringing up Redis, livekit-server, controller and nodes ...");
    Fleet fleet =
        stage.openFleet(
            new Fleet.Plan(plan.program(), plan.nodeCommand(), plan.nodes(), plan.database()),
            (redis, number) -> door(stage, redis),
            random);
    try (Nodes nodes = Nodes.of(fleet.controllers().getFirst().address(), fleet.key())) {
      awaitAllWell(nodes);
      Strangers strangers = new Strangers(time, fleet.pids());
      SteadyStarts starts = stage.open(new SteadyStarts(terminal, fleet, plan.perSecond(), random));
      for (int i = 0; starts.asked() < plan.starts() || i < plan.faults().size(); i++) {
        Fault fault = plan.faults().get(i % plan.faults().size());
        Fleet.Node node = fleet.nodes().get(i % fleet.nodes().size());
        terminal.pause(BEFORE);
        Episode episode = new Course(fleet, nodes, strangers, fault, node).run();
        episodes.add(episode);
        tell(episode, starts);
        terminal.pause(plan.recovery());
        strangers.read(fleet.pids());
      }
      terminal.say("no more starts; waiting for the last to end ...");
      List<Take> takes = starts.finish();
      strangers.read(fleet.pids());
      return new Outcome(takes, episodes, starts.skipped(), strangers.share());
    }
  }

  private String door(Stage stage, String redis) throws IOException {
    RedisDoor door = stage.open(new RedisDoor(redis));
    doors.add(door);
    return door.address();
  }

  private void awaitAllWell(Nodes nodes) throws IOException, InterruptedException {
    Deadline deadline = Deadline.in(time, SETTLE_WITHIN);
    while (nodes.now().stream().filter(Nodes.Sight::isWell).count() < plan.nodes()) {
      if (deadline.hasPassed()) {
        throw new IOException("the nodes did not come into service: " + nodes.now());
      }
      terminal.pause(LOOK_EACH);
    }
  }

  private void tell(Episode episode, SteadyStarts starts) {
    String told =
        episode.fault().kind() == Fault.Kind.WEATHER
            ? "on all: "
                + (episode.noticed().isPresent() || episode.othersSuffered()
                    ? "a node was suspected"
                    : "nobody was suspected")
            : "on node %d: noticed %s, no more work %s, mended %s"
                .formatted(
                    episode.node(),
                    Outcome.seconds(episode.noticed()),
                    Outcome.seconds(episode.outOfService()),
                    Outcome.seconds(episode.mended()));
    terminal.say(
        "%-10s %s; %d of %d starts so far, %d failed"
            .formatted(
                episode.fault().word(), told, starts.asked(), plan.starts(), starts.failed()));
  }

  /** One fault from its beginning until all is well again. */
  private final class Course {
    private final Fleet fleet;
    private final Nodes nodes;
    private final Strangers strangers;
    private final Fault fault;
    private final Fleet.Node node;
    private final String id;
    private Optional<Duration> noticed = Optional.empty();
    private Optional<Duration> outOfService = Optional.empty();
    private boolean othersSuffered;

    Course(Fleet fleet, Nodes nodes, Strangers strangers, Fault fault, Fleet.Node node) {
      this.fleet = fleet;
      this.nodes = nodes;
      this.strangers = strangers;
      this.fault = fault;
      this.node = node;
      this.id = node.id();
    }

    Episode run() throws IOException, InterruptedException {
      strangers.read(fleet.pids()); // of a process that is killed next this is the last reading
      long atNanos = time.nanos();
      Optional<Duration> mended;
      Duration lifted;
      try (AutoCloseable _ = begin()) {
        watch(atNanos, holds());
        lifted = since(atNanos);
      } catch (IOException | InterruptedException | RuntimeException failed) {
        throw failed;
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible);
      }
      mended = awaitMended(atNanos);
      if (fault == Fault.KILL) {
        node.awaitReady();
      }
      return new Episode(
          fault, node.number(), id, atNanos, noticed, outOfService, lifted, mended, othersSuffered);
    }

    private Duration since(long nanos) {
      return Duration.ofNanos(time.nanos() - nanos);
    }

    private Duration holds() {
      return switch (fault) {
        case PUBLISH, PUBSUB, TO_REDIS, FROM_REDIS, BLOCK, STORM -> plan.hold();
        case STOP -> FREEZE;
        case KILL -> RESTART;
      };
    }

    /** Does it; what is returned undoes it. */
    private AutoCloseable begin() throws InterruptedException {
      RedisDoor door = doors.get(node.number());
      return switch (fault) {
        case PUBLISH -> wedge(door, RedisDoor.Swallowed.PUBLISHES);
        case PUBSUB -> wedge(door, RedisDoor.Swallowed.MESSAGES);
        case TO_REDIS -> wedge(door, RedisDoor.Swallowed.ALL_TO_REDIS);
        case FROM_REDIS -> wedge(door, RedisDoor.Swallowed.ALL_FROM_REDIS);
        case BLOCK -> {
          BlockableBus.block(fleet.redis(), node.pid(), plan.hold());
          yield () -> {};
        }
        case STORM -> new StormEcho(fleet.redis(), time, random);
        case STOP -> {
          node.freeze();
          yield node::thaw;
        }
        case KILL -> {
          node.kill();
          yield node::startAgain;
        }
      };
    }

    private AutoCloseable wedge(RedisDoor door, RedisDoor.Swallowed what) {
      door.wedge(what);
      return door::release;
    }

    private void watch(long atNanos, Duration until) throws IOException, InterruptedException {
      while (since(atNanos).compareTo(until) < 0) {
        look(atNanos);
        terminal.pause(LOOK_EACH);
      }
    }

    private List<Nodes.Sight> look(long atNanos) throws IOException, InterruptedException {
      List<Nodes.Sight> sights = nodes.now();
      Duration age = since(atNanos);
      for (Nodes.Sight sight : sights) {
        if (!sight.id().equals(id)) {
          othersSuffered |= isOfThisFleet(sight.id()) && !sight.isWell();
          continue;
        }
        if (noticed.isEmpty() && !sight.health().equals("healthy")) {
          noticed = Optional.of(age);
        }
        if (outOfService.isEmpty() && !sight.isWell()) {
          outOfService = Optional.of(age);
        }
      }
      return sights;
    }

    private boolean isOfThisFleet(String other) {
      return fleet.nodes().stream().anyMatch(each -> each != node && each.id().equals(other));
    }

    /** Until all nodes are well and what was to be noticed was noticed. */
    private Optional<Duration> awaitMended(long atNanos) throws IOException, InterruptedException {
      Deadline deadline = Deadline.in(time, GIVE_UP);
      boolean mustBeNoticed = fault.kind() != Fault.Kind.WEATHER;
      while (!deadline.hasPassed()) {
        long well = look(atNanos).stream().filter(Nodes.Sight::isWell).count();
        if (well >= plan.nodes() && !(mustBeNoticed && noticed.isEmpty() && isNew(atNanos))) {
          return Optional.of(since(atNanos));
        }
        terminal.pause(LOOK_EACH);
      }
      return Optional.empty();
    }

    /** A fault that mends itself unseen is waited for no longer than it may take to be noticed. */
    private boolean isNew(long atNanos) {
      return since(atNanos).compareTo(Outcome.NOTICE_WITHIN.multipliedBy(2)) < 0;
    }
  }
}
