package io.spillway.store;

import io.spillway.store.fleet.DispatchClaim;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The controller's memory. Thread-safe; every call blocks its (virtual) thread until the answer is
 * durable, at most for the store's time-out. Each method throws {@link StoreException} when the
 * database can't be reached or does not answer in time; a write that failed so may or may not have
 * been made, and is safe to repeat.
 */
public interface EgressStore extends AutoCloseable {
  /**
   * Keeps a new egress under epoch 1 and sequence 0, with no node yet.
   *
   * @throws DuplicateEgressException when the id is stored already; nothing is changed then
   */
  void create(NewEgress egress);

  /**
   * Takes a report in, if it is newer than what is stored. A report of a later epoch than the
   * stored one is believed (the store may have been restored from a backup) and moves the epoch
   * forward. With a final status the sealed request goes: it may hold secrets, and nobody needs it
   * for another try.
   */
  Applied apply(StatusUpdate update);

  /**
   * Takes the egress away from whoever has it: the epoch rises by one, the sequence starts again
   * and no node is set. Reports under the old epoch are refused from now on.
   *
   * @return the new epoch
   * @throws UnknownEgressException when the id isn't stored
   */
  int fence(String egressId, String reason);

  /**
   * The same for a dispatcher that has seen {@code epoch} and is going to look for another node: it
   * has the egress's claim from now on. Nothing is changed when somebody else was faster or the
   * egress has ended.
   *
   * @return the new epoch, empty when nothing was changed
   */
  Optional<Integer> fenceFrom(String egressId, int epoch, String dispatcher, String reason);

  /**
   * The same, but only while no node has reported the egress under {@code epoch}: for a start that
   * nobody confirmed. The fence and a node's first report exclude each other, so of two nodes that
   * were asked at most one is ever told to go on.
   *
   * @return the new epoch, empty when nothing was changed: a node has it, or it has moved or ended
   */
  Optional<Integer> fenceUntaken(String egressId, int epoch, String dispatcher, String reason);

  /**
   * Gives the egress to a node that goes on with it, in one step: at no moment could anybody take
   * the row for one that waits for a node. Nothing is changed when epoch, node or dispatcher are
   * not those of {@code seen} any more, or the egress has ended.
   *
   * @param above the new epoch is above this one as well: the store may be behind the node
   * @return the new epoch, empty when nothing was changed
   */
  Optional<Integer> handTo(StoredEgress seen, int above, String node, String region, String reason);

  /**
   * Removes an egress that nobody ever had: no node has reported it under this or an earlier epoch,
   * no event tells of it, and it has not ended. For a start that was refused and may be asked for
   * again under the same id. A store that keeps whatever it was given changes nothing.
   *
   * @return whether it was removed
   */
  default boolean discardUntaken(String egressId, int epoch) {
    return false;
  }

  /** The dispatches under way: claimed egresses that no node has reported yet. */
  List<DispatchClaim> dispatchClaims();

  /**
   * Takes a dispatch over from a controller that is gone.
   *
   * @param seen as it was read; when it has changed since, nothing is done
   * @return the claim as it is now, empty when somebody else was faster
   */
  Optional<DispatchClaim> takeOver(DispatchClaim seen, String dispatcher);

  /**
   * Removes egresses with their timelines and events whose last report is older than {@code
   * beforeUnixNanos} and final, the oldest first, at most {@code most}; how many it were. One with
   * an event that is still being delivered stays.
   */
  int forgetEnded(long beforeUnixNanos, int most);

  /** The egress with this id. */
  Optional<StoredEgress> find(String egressId);

  /**
   * One page, newest first. A page token stays good while egresses come and end.
   *
   * @throws IllegalArgumentException when the page token isn't one of ours
   */
  Page list(ListQuery query);

  /**
   * A search in all that is kept, newest first.
   *
   * @throws IllegalArgumentException when the page token isn't one of ours
   */
  HistoryPage search(HistoryQuery query);

  /** Every egress without a final status, oldest first. */
  List<StoredEgress> unfinished();

  /**
   * What happened to an egress, in order: its creation, each change of status, epoch or node, and
   * each update that gave a reason. Empty for an unknown id.
   */
  List<TimelineEntry> timeline(String egressId);

  /** How often {@link #apply} gave each answer since the store was opened; every kind is a key. */
  Map<Applied, Long> counts();

  /** Lets writes under way finish (bounded), then closes connections and the lock. */
  @Override
  void close();
}
