package io.spillway.store.outbox;

import java.time.Duration;
import java.util.List;

/**
 * Events that wait for their hearers. Thread-safe; every method blocks until it is durable, and
 * throws {@link io.spillway.store.StoreException} when the database can't be reached.
 */
public interface Outbox {
  /** For how long a delivery is tried. */
  Duration TRIED_FOR = Duration.ofHours(24);

  /** What waits, by address. */
  List<Backlog> backlog();

  /**
   * Deliveries to one address whose time has come, the longest due first. Of each egress at most
   * the first that waits: the next one comes when that has ended.
   */
  List<Delivery> due(String url, long nowUnixNanos, int most);

  /** It was taken in. */
  void delivered(Delivery.Key delivery);

  /** It wasn't, and is tried again then; beyond its time it is given up instead. */
  void failed(Delivery.Key delivery, String error, long nextAtUnixNanos);

  /** Makes all that waits for an address due now: it is known to answer again. */
  void hurry(String url, long nowUnixNanos);

  /**
   * One page, newest event first.
   *
   * @throws IllegalArgumentException when the page token isn't one of ours
   */
  DeliveryPage list(DeliveryQuery query);

  /**
   * Sends an event once more to every address that it was for, for another day; how many those are,
   * 0 for an unknown event.
   */
  int redeliver(String eventId);
}
