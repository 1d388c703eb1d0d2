package io.spillway.rtc;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.ice.PeerTransports;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.session.ClassicServers;
import io.spillway.rtc.session.Environment;
import io.spillway.rtc.session.JoinGate;
import io.spillway.rtc.session.PublisherSession;
import io.spillway.rtc.session.SubscriberSession;
import io.spillway.rtc.signal.Signalling;
import io.spillway.rtc.signal.WebSocketSignalling;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door: subscribes to and publishes tracks of LiveKit rooms. One engine serves a whole process:
 * a subscription costs a socket and some kilobytes, no thread. Thread-safe.
 *
 * <p>Threads: the selector threads of {@link RtcSettings} ({@code spillway-rtc-0}…), which carry
 * all packets and events; one of the JDK's HTTP client; virtual threads for what may block.
 */
public final class RtcEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RtcEngine.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final List<SelectorLoop> loops = new ArrayList<>();
  private final List<Environment> environments = new ArrayList<>();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;
  private final JoinGate gate;
  private final Set<SubscriberSession> subscriptions = ConcurrentHashMap.newKeySet();
  private final Set<PublisherSession> publications = ConcurrentHashMap.newKeySet();
  private final AtomicInteger next = new AtomicInteger();
  private final Object countLock = new Object();
  private ReceptionStats ofEnded = ReceptionStats.NONE;
  private volatile boolean closed;

  /**
   * Starts the threads, makes the DTLS certificate and warms the handshake up in the background.
   *
   * @param random for protocol numbers that need not be secret and for back-off; credentials come
   *     from the platform's secure random
   */
  public RtcEngine(RtcSettings settings, TimeSource time, RandomGenerator random) {
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(blocking)
            .build();
    this.gate = new JoinGate(settings.joinsAtOnce());
    Signalling signalling = new WebSocketSignalling(http, CONNECT_TIMEOUT);
    ClassicServers classicServers = new ClassicServers();
    SecureRandom secure = new SecureRandom();
    for (int i = 0; i < Math.max(1, settings.selectorThreads()); i++) {
      SelectorLoop loop = new SelectorLoop("spillway-rtc-" + i, time);
      PeerTransports transports = new PeerTransports(loop, settings, time, secure);
      loops.add(loop);
      environments.add(
          new Environment(
              loop, transports, signalling, gate, classicServers, time, random, blocking));
    }
    blocking.execute(() -> warmUp(environments.getFirst().transports()));
  }

  private static void warmUp(PeerTransports transports) {
    try {
      transports.warmUp();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Joins a room as a participant of its own and receives one track. Returns at once; everything
   * else is told to {@code events}, {@link TrackEvents#ended} last and exactly once.
   *
   * @throws IllegalStateException when the engine is closed
   */
  public TrackSubscription subscribe(TrackRequest request, TrackEvents events) {
    requireOpen();
    SubscriberSession[] self = new SubscriberSession[1];
    SubscriberSession session =
        new SubscriberSession(environment(), request, events, () -> ended(self[0]));
    self[0] = session;
    subscriptions.add(session);
    session.start();
    return session;
  }

  /**
   * Joins a room as a participant that publishes pre-encoded frames. Returns at once; {@link
   * PublicationEvents#ended} comes last and exactly once.
   *
   * @throws IllegalStateException when the engine is closed
   */
  public Publication publish(PublishRequest request, PublicationEvents events) {
    requireOpen();
    PublisherSession[] self = new PublisherSession[1];
    PublisherSession session =
        new PublisherSession(environment(), request, events, () -> publications.remove(self[0]));
    self[0] = session;
    publications.add(session);
    session.start();
    return session;
  }

  private Environment environment() {
    return environments.get(Math.floorMod(next.getAndIncrement(), environments.size()));
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the RTC engine is closed");
    }
  }

  // Under one lock with reception(): a subscription counts once, so that the sum never falls.
  private void ended(SubscriberSession session) {
    synchronized (countLock) {
      if (subscriptions.remove(session)) {
        ofEnded = ofEnded.plus(session.stats());
      }
    }
  }

  /**
   * Has every subscription take up its signalling again, media going on meanwhile. For when what
   * the server told may have been lost on its way although the connection looks well:
   * livekit-server relays signalling through Redis, but answers pings before that relay.
   */
  public void refreshSignalling(String why) {
    subscriptions.forEach(session -> session.refresh(why));
  }

  /** What all subscriptions since the start received, those under way included. */
  public ReceptionStats reception() {
    synchronized (countLock) {
      return subscriptions.stream()
          .map(SubscriberSession::stats)
          .reduce(ofEnded, ReceptionStats::plus);
    }
  }

  /** Counters of the whole engine. */
  public EngineStats stats() {
    long packets = 0;
    long failures = 0;
    for (SelectorLoop loop : loops) {
      packets += loop.packetsReceived();
      failures += loop.failures();
    }
    return new EngineStats(subscriptions.size(), gate.waiting(), packets, failures);
  }

  /**
   * Ends every subscription and publication, then stops the threads. Waits until each was told its
   * end, at most a few seconds.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    subscriptions.forEach(SubscriberSession::closeAtOnce);
    publications.forEach(PublisherSession::close);
    awaitTasks();
    loops.forEach(SelectorLoop::close);
    http.shutdownNow();
    blocking.shutdownNow();
  }

  /** Waits until every loop has run what was handed to it so far. */
  private void awaitTasks() {
    CountDownLatch done = new CountDownLatch(loops.size());
    loops.forEach(loop -> loop.execute(done::countDown));
    try {
      if (!done.await(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atWarn().log("subscriptions did not end in time, the engine closes without them");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
