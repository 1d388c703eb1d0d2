package io.spillway.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One egress that a user asks for, and what is true of it whatever anybody believes. */
final class Egress {
  final String id;
  final String region;

  /** When its source ends: whoever records it then completes it. */
  final long endsAtNanos;

  boolean accepted;

  /** Who is in the room under this egress's identity, and the newest epoch that ever was. */
  Optional<SimulatedNode.Recording> occupant = Optional.empty();

  int newestJoined;

  /** As the store has fenced it. */
  int newestEpoch = 1;

  /** When its controller waited for a call of which chance had lost a message: from, until. */
  final List<Span> unreached = new ArrayList<>();

  /** What became of its start, for whoever reads why it failed; the same twice is said once. */
  private final List<String> steps = new ArrayList<>();

  private String lastStep = "";

  int endEvents;
  int endsDelivered;

  /** A time. */
  record Span(long fromNanos, long untilNanos) {
    boolean contains(long nanos) {
      return fromNanos <= nanos && nanos < untilNanos;
    }
  }

  Egress(String id, String region, long endsAtNanos) {
    this.id = id;
    this.region = region;
    this.endsAtNanos = endsAtNanos;
  }

  void step(long nanos, String what) {
    if (!what.equals(lastStep)) {
      lastStep = what;
      steps.add("%.3f s %s".formatted(nanos / 1e9, what));
    }
  }

  List<String> steps() {
    return steps;
  }

  /** Whether a message of its start got through, or would have, at this moment. */
  boolean couldReach(long nanos) {
    return unreached.stream().noneMatch(span -> span.contains(nanos));
  }
}
