package io.spillway.controller.webhook;

import io.spillway.store.outbox.Delivery;

/** Sends one event to one hearer, once. */
@FunctionalInterface
public interface Poster {
  /** Blocks until there is an answer, or for a bounded time; never throws for what a peer does. */
  Answer post(Delivery delivery) throws InterruptedException;
}
