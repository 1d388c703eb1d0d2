package io.spillway.store.outbox;

import java.util.List;
import java.util.Optional;

/**
 * A stretch of a list.
 *
 * @param deliveries newest event first
 * @param nextToken where the next page begins; empty when this is the last one
 */
public record DeliveryPage(List<Delivery> deliveries, Optional<String> nextToken) {
  /** Copies the list. */
  public DeliveryPage {
    deliveries = List.copyOf(deliveries);
  }
}
