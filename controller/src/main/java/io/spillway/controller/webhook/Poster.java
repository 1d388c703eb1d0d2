package io.spillway.controller.webhook;

import io.spillway.store.outbox.Delivery;

/** Sends one webhook once. */
@FunctionalInterface
interface Poster {
  /** Blocks until there is an answer, or for a bounded time; never throws for what a peer does. */
  Answer post(Delivery delivery) throws InterruptedException;
}
