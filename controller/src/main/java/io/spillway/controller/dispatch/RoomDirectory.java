package io.spillway.controller.dispatch;

import io.spillway.core.time.Deadline;
import java.util.Optional;

/** Knows the rooms of the LiveKit server that is recorded. Thread-safe. */
public interface RoomDirectory {
  /**
   * The sid of a room that exists now (or did a second ago); empty when there is none. Blocks at
   * most until the deadline.
   *
   * @throws io.spillway.rpc.RpcException when the server can't be asked, or refuses our key
   */
  Optional<String> sidOf(String roomName, Deadline deadline) throws InterruptedException;
}
