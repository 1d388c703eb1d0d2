package io.spillway.simulation;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node as ARCHITECTURE has it, as a model: takes starts, asks with its first report whether it is
 * wanted before it joins, records until the source ends, reports each status until it is
 * acknowledged, renews its lease, answers canaries after a round trip of its status client. (Over
 * 300 lines: a node and its recordings, which share the node's clock that can be stopped.)
 */
final class SimulatedNode {
  /** An answer to the first report that is older says nothing any more. */
  private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

  private static final Duration LEASE_EVERY = Duration.ofSeconds(2);
  private static final Duration REPORT_WITHIN = Duration.ofSeconds(5);
  private static final Duration PROBE_WITHIN = Duration.ofMillis(800);

  final Endpoint endpoint;
  final String region;
  private final Cluster cluster;
  private final int slots;
  private final Map<String, Recording> recordings = new LinkedHashMap<>();
  private long leaseNumber;

  /** What an earlier life recorded, and under which epoch: on the disk. */
  private final Map<String, Recording> spool = new LinkedHashMap<>();

  private final List<String> lives = new ArrayList<>();

  /** It says yes to everything, looks well on both ways, and does nothing. */
  boolean lying;

  /** SIGSTOP: nothing happens, and goes on later where it was. */
  boolean stopped;

  private final List<Runnable> postponed = new ArrayList<>();

  /** What a node says to a start. */
  enum Word {
    YES,
    FULL
  }

  SimulatedNode(int number, String region, int slots, Cluster cluster) {
    this.endpoint = new Endpoint("NE_" + number);
    this.region = region;
    this.slots = slots;
    this.cluster = cluster;
  }

  String id() {
    return endpoint.name + "_" + endpoint.life;
  }

  boolean isGood() {
    return endpoint.isWhole() && !lying && !stopped && recordings.size() < slots;
  }

  void boot() {
    endpoint.alive = true;
    leaseNumber = 0;
    renewLeases();
    List.copyOf(spool.values()).forEach(this::askToGoOn);
  }

  /** As node/recovery has it: a controller is asked until it answers. */
  private void askToGoOn(Recording part) {
    String id = part.egress.id;
    if (recordings.containsKey(id) || spool.get(id) != part) {
      spool.remove(id, part); // its controllers began it here anew
      return;
    }
    Optional<SimulatedController> controller = cluster.anyController();
    if (controller.isEmpty()) {
      after(LEASE_EVERY, () -> askToGoOn(part));
      return;
    }
    cluster.network.call(
        endpoint,
        controller.get().endpoint,
        REPORT_WITHIN,
        () -> controller.get().takeUp(id(), lives, id, part.epoch),
        epoch -> {
          if (epoch.isEmpty()) {
            after(Duration.ofSeconds(1), () -> askToGoOn(part));
          } else {
            after(Duration.ZERO, () -> goOnWith(part, epoch.get()));
          }
        });
  }

  private void goOnWith(Recording part, int epoch) {
    boolean still = spool.remove(part.egress.id, part);
    if (still && epoch > part.epoch && !recordings.containsKey(part.egress.id)) {
      Recording recording = new Recording(this, part.egress, epoch);
      recording.sequence = 1; // the row has it, from whoever gave it
      recordings.put(part.egress.id, recording);
      after(
          Duration.ofMillis(100 + cluster.random.nextInt(300)),
          () -> recording.join(cluster.clock.nanos()));
    }
  }

  /** Recordings and their files are lost to the world; statuses on the disk are sent later. */
  void kill() {
    lives.add(id());
    endpoint.alive = false;
    endpoint.life++;
    recordings.forEach((id, recording) -> {
      if (!recording.over) {
        spool.put(id, recording);
      }
    });
    recordings.values().forEach(Recording::abandon);
    recordings.clear();
    postponed.clear();
    stopped = false;
  }

  void goOn() {
    stopped = false;
    List<Runnable> late = List.copyOf(postponed);
    postponed.clear();
    late.forEach(Runnable::run);
  }

  /** Runs in this life only, and not while the process is stopped. */
  private void after(Duration delay, Runnable task) {
    int life = endpoint.life;
    var _ =
        cluster.clock.after(
            delay,
            () -> {
              if (endpoint.alive && endpoint.life == life) {
                if (stopped) {
                  postponed.add(task);
                } else {
                  task.run();
                }
              }
            });
  }

  private void renewLeases() {
    Lease lease = lease();
    for (SimulatedController controller : cluster.controllers) {
      if (!stopped) {
        cluster.network.http(
            endpoint, controller.endpoint, () -> controller.renew(lease), this::obey);
      }
    }
    after(LEASE_EVERY, this::renewLeases);
  }

  private Lease lease() {
    List<Lease.Held> held = new ArrayList<>();
    recordings
        .values()
        .forEach(recording -> held.add(new Lease.Held(recording.egress.id, recording.epoch, 0, 0)));
    spool
        .keySet()
        .forEach(id -> {
          if (!recordings.containsKey(id)) {
            held.add(new Lease.Held(id, 0, 0, 0));
          }
        });
    return new Lease(
        id(),
        ++leaseNumber,
        region,
        "",
        "simulated",
        new Admission.Load(64, recordings.size() * 0.1, 0, recordings.size(), 0, 0),
        new Admission.Limits(1, 0, slots),
        new Admission.Cost(0.1, 0),
        false,
        oldestStatus(),
        held,
        cluster.clock.unixNanos());
  }

  private Duration oldestStatus() {
    long oldest = cluster.clock.nanos();
    for (Recording recording : recordings.values()) {
      Status first = recording.lane.peekFirst();
      if (first != null) {
        oldest = Math.min(oldest, first.sinceNanos);
      }
    }
    return Duration.ofNanos(cluster.clock.nanos() - oldest);
  }

  private void obey(List<LeaseOrder> orders) {
    for (LeaseOrder order : orders) {
      if (order instanceof LeaseOrder.Fence(String egressId, int newest, String _)) {
        drop(egressId, newest);
      }
    }
  }

  /** Stops recording under epochs before {@code newest}. */
  void drop(String egressId, int newest) {
    Recording recording = recordings.get(egressId);
    if (recording != null && recording.epoch < newest) {
      recording.abandon();
      recordings.remove(egressId);
    }
  }

  /** A canary; {@code answered} when it may go back. Never called while it can't be heard. */
  void canary(Runnable answered) {
    if (stopped) {
      return;
    }
    cluster
        .anyController()
        .ifPresent(controller ->
            cluster.network.call(
                endpoint,
                controller.endpoint,
                PROBE_WITHIN,
                () -> Optional.of(true),
                heard -> {
                  if (heard.isPresent() && !stopped) {
                    List.copyOf(recordings.values()).forEach(Recording::gotThrough);
                    answered.run();
                  }
                }));
  }

  Duration oldestStatusNow() {
    return oldestStatus();
  }

  Optional<Word> start(Egress egress, int epoch) {
    if (stopped) {
      return Optional.empty();
    }
    if (lying) {
      return Optional.of(Word.YES);
    }
    Recording here = recordings.get(egress.id);
    if (here != null && here.epoch >= epoch && cluster.mutant != Mutant.NO_FENCE) {
      return Optional.of(Word.YES);
    }
    if (here == null && recordings.size() >= slots) {
      return Optional.of(Word.FULL);
    }
    if (here != null) {
      here.abandon();
    }
    Recording recording = new Recording(this, egress, epoch);
    recordings.put(egress.id, recording);
    recording.report(EgressStatus.EGRESS_STARTING, true);
    return Optional.of(Word.YES);
  }

  /** A status on its way. */
  private record Status(EgressInfo info, boolean first, long sequence, long sinceNanos) {}

  /** One egress on this node, under one epoch. */
  static final class Recording {
    private final SimulatedNode node;
    private final String nodeLife;
    private final Egress egress;
    final int epoch;
    private final Deque<Status> lane = new ArrayDeque<>();
    private boolean sending;
    private boolean over;
    private long sequence;
    private int failures;
    private boolean paused;
    private int pauses;
    private boolean hurried;

    Recording(SimulatedNode node, Egress egress, int epoch) {
      this.node = node;
      this.nodeLife = node.id();
      this.egress = egress;
      this.epoch = epoch;
    }

    /** Nothing of it happens any more. */
    void abandon() {
      over = true;
      lane.clear();
      if (egress.occupant.filter(one -> one == this).isPresent()) {
        egress.occupant = Optional.empty();
      }
    }

    String nodeId() {
      return nodeLife;
    }

    private Cluster cluster() {
      return node.cluster;
    }

    private void report(EgressStatus status, boolean first) {
      long now = cluster().clock.unixNanos();
      EgressInfo info =
          EgressInfo.newBuilder()
              .setEgressId(egress.id)
              .setRetryCount(epoch - 1)
              .setStatus(status)
              .setStartedAt(now)
              .setUpdatedAt(now)
              .build();
      lane.add(new Status(info, first, ++sequence, cluster().clock.nanos()));
      send();
    }

    private void send() {
      Status status = lane.peekFirst();
      if (sending || status == null) {
        return;
      }
      sending = true;
      long askedNanos = cluster().clock.nanos();
      Optional<SimulatedController> controller = cluster().anyController();
      if (controller.isEmpty() || node.stopped) {
        again();
        return;
      }
      deliverTwice(status);
      cluster()
          .network
          .call(
              node.endpoint,
              controller.get().endpoint,
              REPORT_WITHIN,
              () -> Optional.of(deliver(controller.get(), status)),
              answer -> answered(status, askedNanos, answer));
    }

    private CapturedServer.Answer deliver(SimulatedController controller, Status status) {
      return controller.report(
          status.first,
          status.info,
          Map.of(
              TraceKeys.META_SEQUENCE,
              Long.toString(status.sequence),
              TraceKeys.META_NODE,
              node.id()));
    }

    /** psrpc's lock on a message lasts five seconds: a copy that comes later is taken again. */
    private void deliverTwice(Status status) {
      if (cluster().random.nextInt(100) != 0) {
        return;
      }
      cluster()
          .anyController()
          .ifPresent(other -> {
            Duration late = Duration.ofMillis(cluster().random.nextInt(8000));
            int life = other.endpoint.life;
            var _ =
                cluster()
                    .clock
                    .after(
                        late,
                        () -> {
                          if (other.endpoint.alive && other.endpoint.life == life) {
                            var _ = deliver(other, status);
                          }
                        });
          });
    }

    private void again() {
      failures++;
      Duration pause = Duration.ofMillis(Math.min(10_000, 100L << Math.min(failures, 6)));
      paused = true;
      int number = ++pauses;
      node.after(
          pause,
          () -> {
            if (number == pauses) {
              goOn();
            }
          });
    }

    private void goOn() {
      if (paused) {
        paused = false;
        sending = false;
        send();
      }
    }

    /** As StatusReporter has it: what pauses is tried once. */
    private void gotThrough() {
      if (paused && !hurried) {
        hurried = true;
        goOn();
      }
    }

    private void answered(Status status, long askedNanos, Optional<CapturedServer.Answer> answer) {
      if (node.stopped) {
        node.postponed.add(() -> answered(status, askedNanos, answer));
        return;
      }
      if (answer.isEmpty() || answer.get() == CapturedServer.Answer.AGAIN) {
        again();
        return;
      }
      sending = false;
      failures = 0;
      hurried = false;
      if (answer.get() == CapturedServer.Answer.REFUSED) {
        abandon();
        node.recordings.remove(egress.id, this);
        return;
      }
      if (status.first && !over && !isFresh(askedNanos)) {
        send(); // asked again: the answer was too long under way to be believed
        return;
      }
      if (!lane.isEmpty() && lane.peekFirst().equals(status)) {
        lane.removeFirst();
      }
      if (status.first && !over) {
        Duration dtls = Duration.ofMillis(100 + cluster().random.nextInt(300));
        node.after(dtls, () -> join(askedNanos));
      }
      if (lane.isEmpty() && over) {
        node.recordings.remove(egress.id, this);
      }
      send();
    }

    private boolean isFresh(long askedNanos) {
      return cluster().clock.nanos() - askedNanos <= FRESH_NANOS;
    }

    private void join(long askedNanos) {
      if (over) {
        return;
      }
      if (!isFresh(askedNanos)) { // a process that was stopped meanwhile, for example
        report(EgressStatus.EGRESS_STARTING, true);
        return;
      }
      if (cluster().clock.nanos() >= egress.endsAtNanos) {
        end(EgressStatus.EGRESS_ABORTED); // the source is gone
        return;
      }
      cluster().invariants.joined(egress, epoch, node.id());
      cluster().invariants.partBegun(egress.id + "-" + epoch, node.id());
      Optional<Recording> evicted = egress.occupant.filter(one -> one != this);
      egress.occupant = Optional.of(this);
      evicted.ifPresent(other -> other.node.after(Duration.ofMillis(50), other::evicted));
      node.after(
          Duration.ofMillis(50 + cluster().random.nextInt(200)),
          () -> {
            if (!over) {
              report(EgressStatus.EGRESS_ACTIVE, false);
            }
          });
      node.after(Duration.ofNanos(egress.endsAtNanos - cluster().clock.nanos()), this::sourceEnds);
    }

    private void evicted() {
      if (!over) {
        end(EgressStatus.EGRESS_FAILED);
      }
    }

    private void sourceEnds() {
      if (over) {
        return;
      }
      report(EgressStatus.EGRESS_ENDING, false);
      node.after(
          Duration.ofMillis(200),
          () -> {
            if (!over) {
              end(EgressStatus.EGRESS_COMPLETE);
            }
          });
    }

    private void end(EgressStatus status) {
      report(status, false);
      over = true;
      if (egress.occupant.filter(one -> one == this).isPresent()) {
        egress.occupant = Optional.empty();
      }
    }
  }
}
