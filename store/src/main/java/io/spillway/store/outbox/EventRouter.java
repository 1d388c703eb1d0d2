package io.spillway.store.outbox;

import io.spillway.protocol.livekit.EgressInfo;
import java.util.Set;

/**
 * Names who is to hear of an event. Asked within the transaction that stores it, perhaps more than
 * once: must be pure and quick, and must not throw.
 */
@FunctionalInterface
public interface EventRouter {
  /** The addresses; none: the event is not kept. */
  Set<Target> targets(EventKind kind, EgressInfo info);

  /** A change was committed that may have brought events. Must not block. */
  default void stored() {}

  /** Nobody hears of anything. */
  static EventRouter none() {
    return (kind, info) -> Set.of();
  }
}
