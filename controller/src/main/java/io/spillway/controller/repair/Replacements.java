package io.spillway.controller.repair;

import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.NodeView;
import io.spillway.core.fleet.RepairLadder.Outcome;
import io.spillway.core.fleet.RepairLadder.Step;
import io.spillway.core.time.TimeSource;
import io.spillway.store.StoreException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where people ask for another node beside one. What they ask for is noted in the node's history;
 * the {@link RepairLoop} of whichever controller has the duty takes the step, at the ladder's pace,
 * and the old node drains. Thread-safe.
 */
public final class Replacements {
  private final FleetBook book;
  private final RepairNotes notes;
  private final Supervisor supervisor;
  private final TimeSource time;

  Replacements(FleetBook book, RepairNotes notes, Supervisor supervisor, TimeSource time) {
    this.book = book;
    this.notes = notes;
    this.supervisor = supervisor;
    this.time = time;
  }

  /** Why a node can't be replaced from here, by node id; those without can be. Does not block. */
  public Map<String, String> obstacles() {
    Map<String, String> obstacles = new HashMap<>();
    for (NodeView node : book.nodes()) {
      obstacle(node).ifPresent(why -> obstacles.put(node.lease().nodeId(), why));
    }
    return obstacles;
  }

  private Optional<String> obstacle(NodeView node) {
    if (supervisor.reach().isEmpty()) {
      return Optional.of("This controller has no supervisor, so it can't start another node.");
    }
    if (!supervisor.possible(node.lease()).contains(Step.REPLACE)) {
      return Optional.of("This controller's supervisor doesn't reach this node.");
    }
    List<RepairNote> replacements =
        notes.of(node.lease().nodeId()).stream()
            .filter(note -> note.step() == Step.REPLACE)
            .toList();
    return replacements.isEmpty() || replacements.getLast().outcome() == Outcome.FAILED
        ? Optional.empty()
        : Optional.of("Its replacement is under way already.");
  }

  /**
   * Asks for a node beside this one. Blocks.
   *
   * @param by whom, and where, for people
   * @return why not; empty: it is asked for
   * @throws StoreException when that could not be noted
   */
  public Optional<String> ask(String nodeId, String by) {
    Optional<NodeView> found =
        book.nodes().stream().filter(node -> node.lease().nodeId().equals(nodeId)).findFirst();
    if (found.isEmpty()) {
      return Optional.of("There is no node with this id any more.");
    }
    Optional<String> obstacle = obstacle(found.get());
    if (obstacle.isEmpty()) {
      notes.add(found.get(), new RepairNote(time.unixNanos(), Step.REPLACE, Outcome.ASKED, by));
    }
    return obstacle;
  }
}
