package io.spillway.rpc;

import java.time.Duration;

/**
 * At-most-once publish and subscribe, as Redis has it: a message reaches whoever is subscribed at
 * that moment, in order per channel, or is lost. Thread-safe.
 */
public interface MessageBus extends AutoCloseable {
  /**
   * Sends without waiting.
   *
   * @throws RpcException {@link RpcCode#UNAVAILABLE} when the bounded send queue is full or the bus
   *     is closed
   */
  void publish(String channel, byte[] payload);

  /**
   * Receives a channel's messages from now on. While a bus changes its connections a message may be
   * received once more. {@code receiver} runs on the bus's reader thread: it must not block.
   *
   * @param queue with true, of all subscribers of the channel that ask for it so, one gets each
   *     message (psrpc's queue)
   */
  Subscription subscribe(String channel, boolean queue, Receiver receiver);

  /**
   * Says that messages seem to get lost although the bus looks fine (a client whose calls stay
   * unanswered). A bus with connections throws them away and makes new ones, at most once per its
   * back-off; subscriptions stay. Returns at once.
   */
  default void suspect(String reason) {}

  /**
   * How long ago the bus last heard a message that it had sent to itself: its proof that both ways
   * work. A bus without connections has nothing to prove.
   */
  default Duration sinceProof() {
    return Duration.ZERO;
  }

  /**
   * The number of the connection that messages go over now; each new one has a greater number. 0
   * while there is none that is not known to be broken. A bus without connections is always on its
   * first.
   */
  default long connection() {
    return 1;
  }

  /** Ends every subscription and connection. */
  @Override
  void close();

  /** Takes a message's bytes; must not block or keep the array's contents changed. */
  @FunctionalInterface
  interface Receiver {
    void receive(byte[] payload);
  }

  /** A channel being listened to. */
  interface Subscription extends AutoCloseable {
    /** Stops it; messages under way may still come. */
    @Override
    void close();

    /**
     * Waits until messages reach this subscription; false when that is not known to be so after
     * {@code wait} (it comes as soon as the bus can). Not for the reader thread.
     */
    default boolean awaitActive(Duration wait) throws InterruptedException {
      return true;
    }
  }
}
