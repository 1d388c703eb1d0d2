package io.spillway.controller.dispatch;

import io.spillway.core.media.Codec;
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

  /**
   * What a track of the room carries, as far as it was said in time; empty when nobody knows.
   * Blocks at most until the deadline.
   */
  default Optional<Codec> codecOf(String roomName, String trackId, Deadline deadline)
      throws InterruptedException {
    return Optional.empty();
  }
}
