package io.spillway.controller.repair;

import io.spillway.controller.fleet.NodeView;
import io.spillway.core.fleet.Health;
import io.spillway.core.fleet.RepairLadder.Outcome;
import io.spillway.core.fleet.RepairLadder.Step;
import io.spillway.core.fleet.RepairLadder.Taken;
import io.spillway.core.time.TimeSource;
import io.spillway.store.StoreException;
import io.spillway.store.fleet.NodeBook;
import io.spillway.store.fleet.NodeRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What was done to nodes that were ill, by any controller: the nodes' histories in the store, read
 * anew every few seconds. A controller that takes the duty over, or was started anew, so knows what
 * the one before has begun, and hears what another was asked for. Thread-safe.
 */
final class RepairNotes {
  private static final Duration READ_EVERY = Duration.ofSeconds(5);

  /** After this a step counts for nobody's pace any more. */
  private static final Duration KEPT = Duration.ofMinutes(30);

  private static final int MOST_OF_A_NODE = 100;
  private static final int READS_AT_ONCE = 16;

  private final NodeBook store;
  private final TimeSource time;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /** For the thread that reads. */
  private long listDueNanos;

  private record Entry(List<RepairNote> notes, long readNanos) {}

  RepairNotes(NodeBook store, TimeSource time) {
    this.store = store;
    this.time = time;
    this.listDueNanos = time.nanos();
  }

  /**
   * Reads the histories of those that are ill, or were, or to which something is to be done.
   *
   * @throws StoreException when the store does not answer
   */
  void read(List<NodeView> nodes) {
    Set<String> known = new HashSet<>();
    Set<String> told = told();
    int reads = 0;
    for (NodeView node : nodes) {
      String id = node.lease().nodeId();
      known.add(id);
      Entry entry = entries.get(id);
      boolean due =
          entry == null
              ? node.health() == Health.WEDGED || node.health() == Health.GONE || told.contains(id)
              : time.nanos() - entry.readNanos >= READ_EVERY.toNanos();
      if (due && reads < READS_AT_ONCE) {
        read(id);
        reads++;
      }
    }
    entries
        .entrySet()
        .removeIf(entry -> !known.contains(entry.getKey()) && isOld(entry.getValue()));
  }

  /** Of which nodes the last that was said is a note of a repair; looked up now and then. */
  private Set<String> told() {
    if (time.nanos() - listDueNanos < 0) {
      return Set.of();
    }
    listDueNanos = time.nanos() + READ_EVERY.toNanos();
    return store.all().stream()
        .filter(node -> RepairNote.isNote(node.reason()))
        .map(NodeRecord::nodeId)
        .collect(Collectors.toSet());
  }

  private boolean isOld(Entry entry) {
    return entry.notes.stream().allMatch(note -> ago(note).compareTo(KEPT) > 0);
  }

  /** Whether the node's history was read at all. */
  boolean knows(String nodeId) {
    return entries.containsKey(nodeId);
  }

  /** Reads one history now. */
  synchronized void read(String nodeId) {
    List<RepairNote> notes =
        store.history(nodeId, MOST_OF_A_NODE).reversed().stream()
            .flatMap(change -> RepairNote.of(change).stream())
            .toList();
    entries.put(nodeId, new Entry(notes, time.nanos()));
  }

  /**
   * Adds a note; it counts here even if the store doesn't take it.
   *
   * @throws StoreException when the store does not take it
   */
  synchronized void add(NodeView node, RepairNote note) {
    String id = node.lease().nodeId();
    List<RepairNote> notes = new ArrayList<>(of(id));
    notes.add(note);
    entries.put(id, new Entry(List.copyOf(notes), time.nanos()));
    boolean _ =
        store.put(
            new NodeRecord(
                id,
                "spillway",
                node.lease().region(),
                node.lease().version(),
                0,
                node.health().name(),
                note.words()));
  }

  /** What was done to this node, the oldest first. */
  List<RepairNote> of(String nodeId) {
    Entry entry = entries.get(nodeId);
    return entry == null ? List.of() : entry.notes;
  }

  /** The same as the ladder wants it. */
  List<Taken> taken(String nodeId) {
    return of(nodeId).stream()
        .map(note -> new Taken(note.step(), note.outcome(), ago(note)))
        .toList();
  }

  /** How often a step stands in the history of a node. */
  long count(String nodeId, Step step) {
    return of(nodeId).stream().filter(note -> note.step() == step).count();
  }

  /** How long ago each costly step was begun, of any node. */
  List<Duration> costly() {
    return entries.values().stream()
        .flatMap(entry -> entry.notes.stream())
        .filter(note -> note.step().isCostly() && note.outcome() == Outcome.BEGUN)
        .map(this::ago)
        .toList();
  }

  private Duration ago(RepairNote note) {
    return Duration.ofNanos(Math.max(0, time.unixNanos() - note.atUnixNanos()));
  }
}
