package io.spillway.rpc.bus;

import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.wire.Ids;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * psrpc's bus on Redis: PUBLISH and SUBSCRIBE, and a lock per message for queues. Thread-safe.
 *
 * <p>How it comes back from everything: all that lives on Redis hangs on one {@link RedisLink}
 * (both connections). One thread, the watch, sends the bus a message to itself twice a second. When
 * the link breaks, when four such messages in a row stay away (a hung server, a half-open
 * connection, a subscription that died while PUBLISH works), when commands fail, or when a client
 * suspects it, the watch makes a new link, subscribes everything on it, and only then throws the
 * old one away. There is no state to repair: the channels wanted are known here, everything else is
 * new.
 *
 * <p>While there is no link, messages are held for three seconds at most and sent by the next one.
 * Rejected: Lettuce's own reconnect, which replays what was under way (a message twice) and keeps a
 * dead connection as long as TCP does.
 */
public final class RedisBus implements MessageBus {
  private static final Logger log = LoggerFactory.getLogger(RedisBus.class);
  private static final Duration SUBSCRIBE_WAIT = Duration.ofSeconds(2);

  private final RedisConnector connector;
  private final TimeSource time;
  private final BusLimits limits;
  private final RpcMetrics metrics;
  private final String loopChannel;
  private final RedisSender<RedisLink> sender;
  private final QueueLock queueLock;
  private final RedisWatch watch;
  private final ConcurrentHashMap<String, Listeners> channels = new ConcurrentHashMap<>();
  private final List<RedisLink> links = new CopyOnWriteArrayList<>();

  /**
   * Held while the set of channels or of links changes, so that each link is told of each channel.
   */
  private final Object wanted = new Object();

  private final ReentrantLock carriedLock = new ReentrantLock();
  private final Condition carried = carriedLock.newCondition();
  private volatile boolean closed;
  private final AtomicLong connections = new AtomicLong();

  /**
   * Starts to connect and returns; {@link #awaitConnected} waits for it.
   *
   * @param random for this bus's own channel name and the back-off; for the bus alone
   */
  public RedisBus(
      RedisSettings settings,
      BusLimits limits,
      TimeSource time,
      RandomGenerator random,
      RpcMetrics metrics) {
    this.connector = new RedisConnector(settings, time, random);
    this.limits = limits;
    this.time = time;
    this.metrics = metrics;
    this.loopChannel = "spillway|" + new Ids(random).client() + "|LOOP";
    this.sender =
        new RedisSender<>(
            limits,
            time,
            metrics,
            (link, why) -> failed(link, "PUBLISH", why),
            why -> suspect("PUBLISH was refused: " + why.getMessage()));
    this.queueLock =
        new QueueLock(
            sender::openLink, limits, time, metrics, (link, why) -> failed(link, "SET NX", why));
    this.watch = new RedisWatch(new Watched(), time, random);
    Subscription _ = subscribe(loopChannel, false, payload -> watch.heard());
    watch.start();
  }

  /** Waits until messages go both ways; false when they don't after {@code wait}. */
  public boolean awaitConnected(Duration wait) throws InterruptedException {
    Listeners own = channels.get(loopChannel);
    return own != null
        && await(() -> own.isCarried() && sender.openLink() != null, () -> closed, wait);
  }

  @Override
  public Duration sinceProof() {
    return watch.sinceProof();
  }

  @Override
  public long connection() {
    return sender.openLink() == null ? 0 : connections.get();
  }

  @Override
  public void publish(String channel, byte[] payload) {
    if (closed) {
      throw new RpcException(RpcCode.UNAVAILABLE, "the Redis bus is closed");
    }
    sender.publish(channel, payload);
  }

  @Override
  public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
    var entry = new Listeners.Entry(receiver, queue);
    Listeners listeners;
    synchronized (wanted) {
      listeners = channels.computeIfAbsent(channel, name -> new Listeners());
      boolean isFirst = listeners.isEmpty();
      listeners.add(entry);
      if (isFirst) {
        links.forEach(each -> each.subscribe(List.of(channel)));
      }
    }
    return new RedisSubscription(channel, listeners, entry);
  }

  private final class RedisSubscription implements Subscription {
    private final String channel;
    private final Listeners listeners;
    private final Listeners.Entry entry;

    RedisSubscription(String channel, Listeners listeners, Listeners.Entry entry) {
      this.channel = channel;
      this.listeners = listeners;
      this.entry = entry;
    }

    @Override
    public boolean awaitActive(Duration wait) throws InterruptedException {
      return listeners.isCarried() || await(listeners::isCarried, () -> closed, wait);
    }

    @Override
    public void close() {
      synchronized (wanted) {
        listeners.remove(entry);
        if (listeners.isEmpty() && channels.remove(channel, listeners)) {
          links.forEach(each -> each.unsubscribe(channel));
        }
      }
    }
  }

  @Override
  public void suspect(String reason) {
    watch.suspect(reason);
  }

  @Override
  public void close() {
    closed = true;
    watch.close();
    links.forEach(RedisLink::discard);
    links.clear();
    channels.clear();
    connector.close();
  }

  /** Waits for what a confirmed subscription makes true. */
  private boolean await(BooleanSupplier done, BooleanSupplier hopeless, Duration wait)
      throws InterruptedException {
    Deadline deadline = Deadline.in(time, wait);
    carriedLock.lockInterruptibly();
    try {
      while (!done.getAsBoolean()) {
        long left = deadline.remainingNanos();
        if (left <= 0 || hopeless.getAsBoolean()) {
          return false;
        }
        // The signal tells of confirmations; a link that breaks or is switched to is seen in 20 ms.
        long _ = carried.awaitNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(20)));
      }
      return true;
    } finally {
      carriedLock.unlock();
    }
  }

  // The reader: Lettuce's event loops. Nothing here may block.

  private final class Reader implements RedisLink.Listener {
    @Override
    public void message(String channel, byte[] payload) {
      if (payload.length > limits.messageBytes()) {
        metrics.dropped(DropReason.OVERSIZED);
        return;
      }
      Listeners listeners = channels.get(channel);
      if (listeners == null) {
        return; // unsubscribed meanwhile
      }
      listeners.forEach(receiver -> hand(receiver, channel, payload));
      if (listeners.hasQueue()) {
        queueLock.compete(payload, () -> handToQueue(listeners, channel, payload));
      }
    }

    @Override
    public void subscribed(RedisLink on, String channel) {
      Listeners listeners = channels.get(channel);
      if (listeners == null) {
        return;
      }
      listeners.carriedBy(on);
      carriedLock.lock();
      try {
        carried.signalAll();
      } finally {
        carriedLock.unlock();
      }
    }

    @Override
    public void broken(RedisLink broken) {
      if (!closed) {
        watch.suspect("the connection was lost");
      }
    }
  }

  private void handToQueue(Listeners listeners, String channel, byte[] payload) {
    Receiver next = listeners.nextOfQueue();
    if (next != null) {
      hand(next, channel, payload);
    }
  }

  private void hand(Receiver receiver, String channel, byte[] payload) {
    try {
      receiver.receive(payload);
    } catch (RuntimeException | Error failure) { // out of memory too: others have messages
      metrics.dropped(DropReason.FAILED);
      log.atError()
          .addKeyValue("channel", channel)
          .setCause(failure)
          .log("a receiver failed: its message is dropped");
    }
  }

  private void failed(RedisLink on, String command, Throwable failure) {
    metrics.dropped(DropReason.FAILED);
    if (closed || !on.isOpen()) {
      return; // it was cut: the watch knows
    }
    watch.suspect(command + " failed: " + failure.getMessage());
  }

  // The watch's thread, the only one that may wait.

  private final class Watched implements RedisWatch.Bus {
    @Override
    public boolean isLinked() {
      return sender.openLink() != null;
    }

    @Override
    public void sendProof() {
      try {
        sender.publish(loopChannel, new byte[0]);
      } catch (RpcException full) {
        metrics.dropped(DropReason.OVERFLOW); // if it stays full, the missing proofs tell
      }
    }

    @Override
    public boolean relink(String reason, boolean firstTry) throws InterruptedException {
      RedisLink fresh;
      try {
        fresh = connector.connect(new Reader());
      } catch (RuntimeException failure) {
        if (firstTry && !closed) {
          logTrouble(reason, failure);
        }
        return false;
      }
      take(fresh, reason);
      return true;
    }

    @Override
    public void tidy() {
      sender.dropOld();
      metrics.skew().forgetSilent(time.unixNanos());
    }

    @Override
    public void subscribeMissing() {
      synchronized (wanted) {
        RedisLink open = sender.openLink();
        if (open != null) {
          open.subscribe(
              channels.entrySet().stream()
                  .filter(entry -> !entry.getValue().isCarriedBy(open))
                  .map(Map.Entry::getKey)
                  .toList());
        }
      }
    }
  }

  /** The new link carries everything before the old one goes. */
  private void take(RedisLink fresh, String reason) throws InterruptedException {
    synchronized (wanted) {
      links.add(fresh);
      fresh.subscribe(channels.keySet());
    }
    boolean complete =
        await(
            () -> channels.values().stream().allMatch(all -> all.isCarriedBy(fresh)),
            () -> closed || !fresh.isOpen(),
            SUBSCRIBE_WAIT);
    long _ = connections.incrementAndGet();
    sender
        .switchTo(fresh)
        .ifPresent(old -> {
          links.remove(old);
          old.discard();
          metrics.busRebuilt();
        });
    if (closed) { // close() may have looked at the links before this one was among them
      fresh.discard();
    }
    log.atInfo()
        .addKeyValue("redis", fresh.server())
        .addKeyValue("reason", reason)
        .addKeyValue("channels", channels.size())
        .addKeyValue("complete", complete)
        .log("connected to Redis");
  }

  private void logTrouble(String reason, RuntimeException failure) {
    log.atWarn()
        .addKeyValue("redis", connector.settings().where())
        .addKeyValue("reason", reason)
        .addKeyValue("error", rootOf(failure))
        .log("no connection to Redis: trying again until there is one");
  }

  /** What Redis or the socket said; the layers above it only say that connecting failed. */
  private static String rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString();
  }
}
