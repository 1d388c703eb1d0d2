package io.spillway.store;

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
   * Removes egresses with their timelines whose last report is older than {@code beforeUnixNanos}
   * and final, the oldest first, at most {@code most}; how many it were.
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
