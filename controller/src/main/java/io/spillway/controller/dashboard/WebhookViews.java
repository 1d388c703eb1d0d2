package io.spillway.controller.dashboard;

import io.spillway.controller.request.Redaction;
import io.spillway.store.outbox.Backlog;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryPage;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Webhooks as the page gets them; addresses without their secrets. Pure. */
final class WebhookViews {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long NANOS_PER_MILLI = 1_000_000;

  private WebhookViews() {}

  static ObjectNode page(DeliveryPage deliveries, List<Backlog> backlog, long nowUnixNanos) {
    ObjectNode page = JSON.createObjectNode();
    ArrayNode waiting = page.putArray("backlog");
    for (Backlog address : backlog) {
      waiting
          .addObject()
          .put("url", Redaction.url(address.url()))
          .put("waiting", address.waiting())
          .put("lag", Math.max(0, nowUnixNanos - address.sinceNanos()) / 1e9)
          .put("nextAt", address.nextAtNanos() / NANOS_PER_MILLI);
    }
    ArrayNode rows = page.putArray("deliveries");
    deliveries.deliveries().forEach(delivery -> delivery(rows.addObject(), delivery));
    page.put("nextToken", deliveries.nextToken().orElse(""));
    return page;
  }

  private static void delivery(ObjectNode row, Delivery delivery) {
    boolean waits = delivery.state() == Delivery.State.WAITING;
    row.put("event", delivery.event().id())
        .put("kind", delivery.event().kind().wire())
        .put("egress", delivery.event().info().getEgressId())
        .put("createdAt", delivery.event().createdAtNanos() / NANOS_PER_MILLI)
        .put("url", Redaction.url(delivery.target().url()))
        .put("state", delivery.state().name().toLowerCase(Locale.ROOT))
        .put("attempts", delivery.attempts())
        .put("nextAt", waits ? delivery.nextAtNanos() / NANOS_PER_MILLI : 0)
        .put("endedAt", waits ? 0 : delivery.endedAtNanos() / NANOS_PER_MILLI)
        .put("lastError", delivery.lastError());
  }
}
