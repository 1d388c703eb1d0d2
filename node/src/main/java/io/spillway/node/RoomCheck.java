package io.spillway.node;

/** Asks whether a room exists, so that a join of ours never creates one. */
@FunctionalInterface
public interface RoomCheck {
  /**
   * Whether the room exists now; also true when nobody can tell (the server is away), because then
   * a join fails by itself. Bounded.
   */
  boolean exists(String roomName) throws InterruptedException;
}
