package io.spillway.controller.webhook;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.store.ControllerStore;
import io.spillway.store.outbox.DeliveryPage;
import io.spillway.store.outbox.DeliveryQuery;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/**
 * The delivery of webhooks by one controller, and what people may ask of it. LATENT until {@link
 * #start}; the store stays the caller's.
 */
public final class Webhooks implements AutoCloseable {
  private final ControllerStore store;
  private final HttpPoster poster;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final Courier courier;

  /**
   * Puts the parts together.
   *
   * @param router that the store was opened with
   * @param controllerId unique for this process's life
   */
  public Webhooks(
      WebhookRouter router,
      ApiKeys keys,
      ControllerStore store,
      String controllerId,
      TimeSource time,
      RandomGenerator random,
      PrometheusRegistry metrics) {
    this.store = store;
    this.poster = new HttpPoster(keys, router.settings().answerWithin(), time);
    this.courier =
        new Courier(
            store.outbox(),
            poster,
            Duty.over(store, controllerId, time),
            router.settings(),
            time,
            random,
            threads,
            metrics);
    router.wakes(courier::wake);
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
    courier.close();
    poster.close();
    threads.shutdownNow();
  }
}
