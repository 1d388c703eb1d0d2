package io.spillway.rpc.bus;

import io.spillway.rpc.DropReason;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bus inside one process: the same bytes as on Redis, only the transport differs. Thread-safe.
 *
 * <p>One reader at a time delivers, in the order of publishing. It is a task on the executor given:
 * a thread per burst by default, or the caller itself ({@code Runnable::run}) in a simulation,
 * where a message published by a receiver waits until the one before it is delivered. Whatever a
 * receiver throws, and whatever ends a reader, the next message is delivered.
 */
public final class MemoryBus implements MessageBus {
  private static final Logger log = LoggerFactory.getLogger(MemoryBus.class);

  private final Executor reader;
  private final BusLimits limits;
  private final MemoryFaults faults;
  private final RpcMetrics metrics;
  private final ConcurrentHashMap<String, Listeners> channels = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Message> messages = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean reading = new AtomicBoolean();
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicLong heldBytes = new AtomicLong();
  private @Nullable Message heldBack; // only the reader touches it
  private volatile boolean closed;

  /** A bus for use: default limits, no faults, a virtual thread for each burst of messages. */
  public MemoryBus(RpcMetrics metrics) {
    this(
        task -> Thread.ofVirtual().name("memory-bus").start(task),
        BusLimits.defaults(),
        MemoryFaults.none(),
        metrics);
  }

  /** A bus with its reader, limits and faults. */
  public MemoryBus(Executor reader, BusLimits limits, MemoryFaults faults, RpcMetrics metrics) {
    this.reader = reader;
    this.limits = limits;
    this.faults = faults;
    this.metrics = metrics;
  }

  @SuppressWarnings("ArrayRecordComponent") // carried once through a queue, never compared
  private record Message(String channel, byte[] payload) {}

  @Override
  public void publish(String channel, byte[] payload) {
    if (closed) {
      throw new RpcException(RpcCode.UNAVAILABLE, "the memory bus is closed");
    }
    if (payload.length > limits.messageBytes()) {
      metrics.dropped(DropReason.OVERSIZED);
      throw new RpcException(
          RpcCode.INVALID_ARGUMENT,
          "a message of " + payload.length + " bytes is over the bus's " + limits.messageBytes());
    }
    boolean fits = held.incrementAndGet() <= limits.messages();
    if (heldBytes.addAndGet(payload.length) > limits.bytes() || !fits) {
      release(payload.length);
      metrics.dropped(DropReason.OVERFLOW);
      throw new RpcException(RpcCode.UNAVAILABLE, "the memory bus is full");
    }
    messages.add(new Message(channel, payload));
    read();
  }

  /** Sees to it that a reader is at work. */
  private void read() {
    if (!reading.compareAndSet(false, true)) {
      return;
    }
    try {
      reader.execute(this::deliverAll);
    } catch (RuntimeException | Error noThread) {
      reading.set(false);
      metrics.dropped(DropReason.FAILED);
      log.atError()
          .setCause(noThread)
          .log("the memory bus has no reader: its messages wait for the next one published");
    }
  }

  @Override
  public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
    var entry = new Listeners.Entry(receiver, queue);
    channels.compute(
        channel,
        (name, known) -> {
          Listeners all = known == null ? new Listeners() : known;
          all.add(entry);
          return all;
        });
    return () ->
        channels.computeIfPresent(
            channel,
            (name, all) -> {
              all.remove(entry);
              return all.isEmpty() ? null : all;
            });
  }

  @Override
  public void close() {
    closed = true;
    channels.clear();
  }

  private void deliverAll() {
    try {
      for (Message next = messages.poll(); next != null; next = messages.poll()) {
        release(next.payload.length);
        deliverWithFaults(next);
      }
    } finally {
      reading.set(false);
      if (!messages.isEmpty()) { // published since the last look, or left by what ended this reader
        read();
      }
    }
  }

  private void release(int bytes) {
    held.decrementAndGet();
    heldBytes.addAndGet(-bytes);
  }

  private void deliverWithFaults(Message message) {
    if (faults.loses()) {
      return;
    }
    if (heldBack == null && faults.reorders()) {
      heldBack = message;
      return;
    }
    deliver(message, false);
    if (faults.repeats()) {
      deliver(message, true);
    }
    releaseHeldBack();
  }

  private void releaseHeldBack() {
    Message held = heldBack;
    if (held != null) {
      heldBack = null;
      deliver(held, false);
    }
  }

  /** A copy reaches no queue a second time: on Redis the queue's lock sees to that. */
  private void deliver(Message message, boolean copy) {
    Listeners all = channels.get(message.channel);
    if (all == null) {
      return;
    }
    all.forEach(receiver -> hand(receiver, message));
    if (!copy) {
      Receiver next = all.nextOfQueue();
      if (next != null) {
        hand(next, message);
      }
    }
  }

  private void hand(Receiver receiver, Message message) {
    try {
      receiver.receive(message.payload);
    } catch (RuntimeException | Error failure) { // out of memory too: others have messages
      metrics.dropped(DropReason.FAILED);
      log.atError()
          .addKeyValue("channel", message.channel)
          .setCause(failure)
          .log("a receiver failed: its message is dropped");
    }
  }
}
