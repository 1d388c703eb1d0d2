package io.spillway.controller.webhook;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcException;
import io.spillway.store.ControllerStore;
import io.spillway.store.outbox.DeliveryPage;
import io.spillway.store.outbox.DeliveryQuery;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The delivery of webhooks by one controller, and what people may ask of it. LATENT until {@link
 * #start}; the store stays the caller's.
 */
public final class Webhooks implements AutoCloseable {
  /** On it controllers tell each other of new events: the one on duty needn't look for them. */
  private static final String STORED = "Spillway|Outbox";

  private static final byte[] NOTHING_MORE = {};

  /** Who sends webhooks itself is asked often: a status that is late here is late for everybody. */
  private static final Backoff HEARER_PROBES =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3));

  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);

  private final ControllerStore store;
  private final Optional<MessageBus.Subscription> stored;
  private final HttpPoster http;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final Courier courier;

  /**
   * Somebody who hears of events by a way of its own, in the outbox's order.
   *
   * @param url that stands for it in the outbox
   * @param inReach whether this controller has a way to it at all; must not block
   */
  public record Hearer(String url, Poster poster, BooleanSupplier inReach) {}

  /**
   * Puts the parts together.
   *
   * @param router that the store was opened with
   * @param controllerId unique for this process's life
   * @param bus on which the controllers of a shared store meet
   * @param hearer who hears beside those that webhooks are posted to
   */
  public Webhooks(
      WebhookRouter router,
      ApiKeys keys,
      ControllerStore store,
      String controllerId,
      MessageBus bus,
      Optional<Hearer> hearer,
      TimeSource time,
      RandomGenerator random,
      PrometheusRegistry metrics) {
    this.store = store;
    this.http = new HttpPoster(keys, router.settings().answerWithin(), time);
    this.courier =
        new Courier(
            store.outbox(),
            delivery -> posterOf(delivery.target().url(), hearer).post(delivery),
            duty(store, controllerId, hearer, time),
            router.settings(),
            time,
            random,
            threads,
            metrics,
            url -> isOf(hearer, url) ? HEARER_PROBES : Lane.PROBES);
    if (store.isShared()) {
      this.stored = Optional.of(bus.subscribe(STORED, false, _ -> courier.wake()));
      router.wakes(() -> tellAll(bus));
    } else {
      this.stored = Optional.empty();
      router.wakes(courier::wake);
    }
  }

  private static Duty duty(
      ControllerStore store, String controllerId, Optional<Hearer> hearer, TimeSource time) {
    Duty duty = Duty.over(store, controllerId, time);
    return store.isShared() && hearer.isPresent()
        ? new YieldedDuty(duty, hearer.get().inReach(), time)
        : duty;
  }

  private Poster posterOf(String url, Optional<Hearer> hearer) {
    return hearer.filter(some -> some.url().equals(url)).map(Hearer::poster).orElse(http);
  }

  private static boolean isOf(Optional<Hearer> hearer, String url) {
    return hearer.map(some -> some.url().equals(url)).orElse(false);
  }

  /** Whoever isn't told finds the event within a second. */
  private void tellAll(MessageBus bus) {
    courier.wake();
    try {
      bus.publish(STORED, NOTHING_MORE);
    } catch (RpcException full) {
      LOG.atDebug().setCause(full).log("controllers not told of a new event");
    }
  }

  /** Begins with what an earlier process left. */
  public void start() {
    courier.start();
  }

  /** What was or is to be delivered. */
  public DeliveryPage list(DeliveryQuery query) {
    return store.outbox().list(query);
  }

  /** Sends an event once more to all that it was for; how many those are. */
  public int redeliver(String eventId) {
    int deliveries = store.outbox().redeliver(eventId);
    courier.wake();
    return deliveries;
  }

  /** Lets what is under way end for some seconds, then cuts it: the next start sends it again. */
  @Override
  public void close() {
    stored.ifPresent(MessageBus.Subscription::close);
    courier.close();
    http.close();
    threads.shutdownNow();
  }
}
