package io.spillway.controller.frontdoor;

import io.spillway.rpc.MessageBus;
import java.time.Duration;

/** A bus of which a test says since when it has not heard itself. */
final class ProvenBus implements MessageBus {
  private final MessageBus bus;
  private Duration silent = Duration.ZERO;
  private int looks;

  ProvenBus(MessageBus bus) {
    this.bus = bus;
  }

  synchronized void silentFor(Duration duration) {
    silent = duration;
    looks = 0;
  }

  /** How often the front door's own thread has looked since. */
  synchronized int looks() {
    return looks;
  }

  @Override
  public synchronized Duration sinceProof() {
    looks += Thread.currentThread().getName().equals("front-door") ? 1 : 0;
    return silent;
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
  public void close() {}
}
