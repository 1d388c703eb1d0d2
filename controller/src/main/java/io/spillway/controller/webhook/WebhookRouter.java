package io.spillway.controller.webhook;

import io.spillway.core.token.ApiKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.WebhookConfig;
import io.spillway.store.outbox.EventKind;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.outbox.Target;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Says who hears of an event: the configured addresses, and the ones that the egress's own request
 * names. The store asks it, so it is made before the store; the courier that is to hear of new
 * events joins later.
 */
public final class WebhookRouter implements EventRouter {
  private volatile Wanted wanted;
  private final AtomicReference<Runnable> courier = new AtomicReference<>(() -> {});
  private final Optional<Target> always;
  private final boolean webhooksOn;
  private volatile boolean inUse;

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException for a key that isn't among {@code keys}
   */
  public WebhookRouter(WebhookSettings settings, ApiKeys keys) {
    this(settings, keys, Optional.empty(), true);
  }

  private WebhookRouter(
      WebhookSettings settings, ApiKeys keys, Optional<Target> always, boolean webhooksOn) {
    this.wanted = Wanted.of(settings, keys);
    this.always = always;
    this.webhooksOn = webhooksOn;
  }

  /**
   * One where {@code hearer} hears of everything.
   *
   * @param webhooksToo whether others hear besides; false where the hearer sends webhooks itself
   */
  public static WebhookRouter telling(
      Target hearer, boolean webhooksToo, WebhookSettings settings, ApiKeys keys) {
    return new WebhookRouter(settings, keys, Optional.of(hearer), webhooksToo);
  }

  /** What is configured, and the name of the key that signs it. */
  private record Wanted(WebhookSettings settings, String apiKey) {
    static Wanted of(WebhookSettings settings, ApiKeys keys) {
      String key = settings.apiKey().isEmpty() ? keys.signing().key() : settings.apiKey();
      if (keys.find(key).isEmpty()) {
        throw new IllegalArgumentException("webhook.api_key is not one of the API keys: " + key);
      }
      return new Wanted(settings, key);
    }
  }

  /** Later events go to whom these name; limits stay as they were. */
  public void replace(WebhookSettings newer, ApiKeys keys) {
    wanted = Wanted.of(newer, keys);
  }

  WebhookSettings settings() {
    return wanted.settings();
  }

  /** Wakes this one when there may be new events; must not block. */
  void wakes(Runnable wake) {
    courier.set(wake);
  }

  @Override
  public Set<Target> targets(EventKind kind, EgressInfo info) {
    Set<Target> targets = new LinkedHashSet<>();
    always.ifPresent(targets::add);
    if (webhooksOn) {
      addWebhooks(kind, info, targets);
    }
    if (!targets.isEmpty()) {
      inUse = true;
    }
    return targets;
  }

  private void addWebhooks(EventKind kind, EgressInfo info, Set<Target> targets) {
    Wanted now = wanted;
    WebhookSettings settings = now.settings();
    String apiKey = now.apiKey();
    if (settings.filter().wants(kind)) {
      settings.urls().forEach(url -> targets.add(new Target(url, apiKey)));
    }
    for (WebhookConfig webhook : RequestWebhooks.of(info)) {
      if (!webhook.getUrl().isEmpty() && EventFilter.of(webhook.getFilterParams()).wants(kind)) {
        String signing = webhook.getSigningKey();
        targets.add(new Target(webhook.getUrl(), signing.isEmpty() ? apiKey : signing));
      }
    }
  }

  @Override
  public void stored() {
    if (inUse) { // where nobody wants webhooks, statuses cost no look into the outbox
      courier.get().run();
    }
  }
}
