package io.spillway.bench.blocked;

import io.spillway.rpc.MessageBus;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A bus whose reader thread never comes back from a message on this process's own channel: what a
 * defect in any receiver would do, and what wedged LiveKit's client in the incident.
 */
public final class BlockableBus implements MessageBus {
  /** Of the bench: starts a node with such a bus. */
  public static final String COMMAND = "blockable-node";

  private final MessageBus bus;

  /** Around {@code bus}, which it closes. */
  public BlockableBus(MessageBus bus) {
    this.bus = bus;
    var _ = bus.subscribe(channel(ProcessHandle.current().pid()), false, _ -> block());
  }

  /** Where a process is told to block a thread. */
  static String channel(long pid) {
    return "spillway-bench|" + pid + "|BLOCK";
  }

  private static void block() {
    while (!Thread.interrupted()) {
      LockSupport.park();
    }
  }

  @Override
  public void publish(String channel, byte[] payload) {
    bus.publish(channel, payload);
  }

  @Override
  public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
    return bus.subscribe(channel, queue, receiver);
  }

  @Override
  public void suspect(String reason) {
    bus.suspect(reason);
  }

  @Override
  public Duration sinceProof() {
    return bus.sinceProof();
  }

  @Override
  public long connection() {
    return bus.connection();
  }

  @Override
  public void close() {
    bus.close();
  }
}
