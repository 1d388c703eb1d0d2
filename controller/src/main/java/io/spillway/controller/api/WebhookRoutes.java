package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.request.Redaction;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryPage;
import io.spillway.store.outbox.DeliveryQuery;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What became of webhooks, and sending one again, as plain JSON. Same tokens as the Egress service.
 */
final class WebhookRoutes {
  private final Authorizer authorizer;
  private final Webhooks webhooks;

  WebhookRoutes(Authorizer authorizer, Webhooks webhooks) {
    this.authorizer = authorizer;
    this.webhooks = webhooks;
  }

  /** {@code GET /api/webhooks?egress_id=&state=waiting|delivered|given_up&page_token=&limit=}. */
  void list(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    DeliveryPage page;
    try {
      page =
          webhooks.list(
              new DeliveryQuery(
                  Parameters.text(request, "egress_id"),
                  "",
                  state(Parameters.text(request, "state")),
                  Parameters.text(request, "page_token"),
                  Parameters.limit(request, DeliveryQuery.MOST)));
    } catch (IllegalArgumentException foreignToken) {
      throw Parameters.invalid("page_token");
    }
    ObjectNode answer = ProtoJson.JSON.createObjectNode();
    ArrayNode items = answer.putArray("items");
    page.deliveries().forEach(delivery -> items.add(item(delivery)));
    answer.put("next_page_token", page.nextToken().orElse(""));
    Parameters.write(request, answer);
  }

  private static Optional<Delivery.State> state(String word) {
    if (word.isEmpty()) {
      return Optional.empty();
    }
    for (Delivery.State state : Delivery.State.values()) {
      if (word(state).equals(word)) {
        return Optional.of(state);
      }
    }
    throw Parameters.invalid("state");
  }

  private static String word(Delivery.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static ObjectNode item(Delivery delivery) {
    ObjectNode item = ProtoJson.JSON.createObjectNode();
    item.put("event_id", delivery.event().id())
        .put("event", delivery.event().kind().wire())
        .put("egress_id", delivery.event().info().getEgressId())
        .put("status", delivery.event().info().getStatus().name())
        .put("sequence", delivery.event().sequence())
        .put("created_at", Long.toString(delivery.event().createdAtNanos()))
        .put("url", Redaction.url(delivery.target().url()))
        .put("api_key", delivery.target().apiKey())
        .put("state", word(delivery.state()))
        .put("attempts", delivery.attempts())
        .put("last_error", delivery.lastError());
    boolean waits = delivery.state() == Delivery.State.WAITING;
    item.put("next_at", waits ? Long.toString(delivery.nextAtNanos()) : "");
    item.put("ended_at", waits ? "" : Long.toString(delivery.endedAtNanos()));
    return item;
  }

  /** {@code POST /api/webhooks/EVENT/redeliver}. */
  void redeliver(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    String event = request.pathParam("event");
    int deliveries = webhooks.redeliver(event);
    if (deliveries == 0) {
      throw new RpcException(RpcCode.NOT_FOUND, "no webhook event has the id " + event);
    }
    Parameters.write(
        request,
        ProtoJson.JSON.createObjectNode().put("event_id", event).put("deliveries", deliveries));
  }
}
