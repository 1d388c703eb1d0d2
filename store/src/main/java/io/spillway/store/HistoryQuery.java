package io.spillway.store;

import io.spillway.protocol.livekit.EgressStatus;
import java.util.Set;

/**
 * A search in all egresses. Empty strings and sets mean: any.
 *
 * @param fromNanos created then or later, Unix time in nanoseconds
 * @param untilNanos created before
 * @param kinds what was asked for: EgressInfo's request field ({@code track}, {@code egress}, …)
 * @param text that occurs in id, room, source, file names or error, in any case of letters
 * @param pageToken from {@link HistoryPage#nextToken}
 * @param limit how many at most, 1 to {@link ListQuery#MOST}
 */
public record HistoryQuery(
    long fromNanos,
    long untilNanos,
    Set<EgressStatus> statuses,
    Set<String> kinds,
    String node,
    String roomName,
    String text,
    String pageToken,
    int limit) {
  /** Checks the limit; copies the sets. */
  public HistoryQuery {
    if (limit < 1 || limit > ListQuery.MOST) {
      throw new IllegalArgumentException("limit must be 1 to " + ListQuery.MOST + ", was " + limit);
    }
    statuses = Set.copyOf(statuses);
    kinds = Set.copyOf(kinds);
  }

  /** The newest hundred. */
  public static HistoryQuery all() {
    return new HistoryQuery(
        0, Long.MAX_VALUE, Set.of(), Set.of(), "", "", "", "", ListQuery.DEFAULT_LIMIT);
  }

  /** The same between two moments. */
  public HistoryQuery between(long from, long until) {
    return new HistoryQuery(from, until, statuses, kinds, node, roomName, text, pageToken, limit);
  }

  /** The same for some statuses. */
  public HistoryQuery withStatus(Set<EgressStatus> wanted) {
    return new HistoryQuery(
        fromNanos, untilNanos, wanted, kinds, node, roomName, text, pageToken, limit);
  }

  /** The same for some kinds of request. */
  public HistoryQuery ofKind(Set<String> wanted) {
    return new HistoryQuery(
        fromNanos, untilNanos, statuses, wanted, node, roomName, text, pageToken, limit);
  }

  /** The same for the node that reported last. */
  public HistoryQuery onNode(String wanted) {
    return new HistoryQuery(
        fromNanos, untilNanos, statuses, kinds, wanted, roomName, text, pageToken, limit);
  }

  /** The same for one room. */
  public HistoryQuery inRoom(String wanted) {
    return new HistoryQuery(
        fromNanos, untilNanos, statuses, kinds, node, wanted, text, pageToken, limit);
  }

  /** The same for what a person typed. */
  public HistoryQuery containing(String wanted) {
    return new HistoryQuery(
        fromNanos, untilNanos, statuses, kinds, node, roomName, wanted, pageToken, limit);
  }

  /** The same query's page that this token names, with pages of this length. */
  public HistoryQuery page(String token, int length) {
    return new HistoryQuery(
        fromNanos, untilNanos, statuses, kinds, node, roomName, text, token, length);
  }
}
