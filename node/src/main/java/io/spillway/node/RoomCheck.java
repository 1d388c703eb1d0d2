package io.spillway.node;

import java.io.IOException;

/** Asks whether a room exists, so that a join of ours never creates one. */
@FunctionalInterface
public interface RoomCheck {
  /**
   * Whether the room exists now. Bounded.
   *
   * @throws IOException when nobody can tell: the server is away
   */
  boolean exists(String roomName) throws IOException, InterruptedException;
}
