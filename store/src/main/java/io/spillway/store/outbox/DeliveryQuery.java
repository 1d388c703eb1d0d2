package io.spillway.store.outbox;

import java.util.Optional;

/**
 * Which deliveries to list. Empty: any.
 *
 * @param limit how many at most, 1 to {@link #MOST}
 */
public record DeliveryQuery(
    String egressId, String url, Optional<Delivery.State> state, String pageToken, int limit) {
  /** The longest page. */
  public static final int MOST = 1000;

  /** Checks the limit. */
  public DeliveryQuery {
    if (limit < 1 || limit > MOST) {
      throw new IllegalArgumentException("limit must be 1 to " + MOST + ", was " + limit);
    }
  }

  /** The first hundred of all. */
  public static DeliveryQuery all() {
    return new DeliveryQuery("", "", Optional.empty(), "", 100);
  }

  /** The same for one egress. */
  public DeliveryQuery of(String egress) {
    return new DeliveryQuery(egress, url, state, pageToken, limit);
  }

  /** The same for those that are so far. */
  public DeliveryQuery in(Delivery.State wanted) {
    return new DeliveryQuery(egressId, url, Optional.of(wanted), pageToken, limit);
  }
}
