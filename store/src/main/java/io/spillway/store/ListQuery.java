package io.spillway.store;

/**
 * Which egresses to list. Empty strings mean: any.
 *
 * @param roomName only this room's
 * @param egressId only this one
 * @param activeOnly only those without a final status
 * @param pageToken from {@link Page#nextToken}, empty for the first page
 * @param limit how many at most, 1 to {@link #MOST}
 */
public record ListQuery(
    String roomName, String egressId, boolean activeOnly, String pageToken, int limit) {
  /** The length of a page when nothing else is asked for. */
  public static final int DEFAULT_LIMIT = 100;

  /** The longest page. */
  public static final int MOST = 1000;

  /** Checks the limit. */
  public ListQuery {
    if (limit < 1 || limit > MOST) {
      throw new IllegalArgumentException("limit must be 1 to " + MOST + ", was " + limit);
    }
  }

  /** The first page of everything. */
  public static ListQuery all() {
    return new ListQuery("", "", false, "", DEFAULT_LIMIT);
  }

  /** The same for one room. */
  public ListQuery inRoom(String name) {
    return new ListQuery(name, egressId, activeOnly, pageToken, limit);
  }

  /** The same for one egress. */
  public ListQuery withId(String id) {
    return new ListQuery(roomName, id, activeOnly, pageToken, limit);
  }

  /** The same for those without a final status. */
  public ListQuery onlyActive() {
    return new ListQuery(roomName, egressId, true, pageToken, limit);
  }

  /** The same query's page that this token names. */
  public ListQuery from(String token) {
    return new ListQuery(roomName, egressId, activeOnly, token, limit);
  }

  /** The same with pages of another length. */
  public ListQuery atMost(int count) {
    return new ListQuery(roomName, egressId, activeOnly, pageToken, count);
  }
}
