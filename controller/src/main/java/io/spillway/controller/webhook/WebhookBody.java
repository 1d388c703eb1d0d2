package io.spillway.controller.webhook;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.outbox.OutboxEvent;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event as livekit.WebhookEvent in protobuf's JSON, which is what LiveKit's receivers parse:
 * camel case, 64-bit numbers as texts, nothing that is unset. Pure.
 */
final class WebhookBody {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private WebhookBody() {}

  static byte[] of(OutboxEvent event) {
    EgressInfo info = event.info();
    ObjectNode body = JSON.createObjectNode().put("event", event.kind().wire());
    if (!info.getRoomName().isEmpty() || !info.getRoomId().isEmpty()) {
      ObjectNode room = body.putObject("room");
      putUnlessEmpty(room, "sid", info.getRoomId());
      putUnlessEmpty(room, "name", info.getRoomName());
    }
    body.set("egressInfo", json(info));
    body.put("id", event.id());
    body.put("createdAt", Long.toString(Math.floorDiv(event.createdAtNanos(), 1_000_000_000L)));
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void putUnlessEmpty(ObjectNode node, String field, String text) {
    if (!text.isEmpty()) {
      node.put(field, text);
    }
  }

  private static ObjectNode json(EgressInfo info) {
    try {
      return (ObjectNode) JSON.readTree(PRINTER.print(info));
    } catch (InvalidProtocolBufferException unknownAny) {
      throw new IllegalStateException("EgressInfo holds no Any", unknownAny);
    }
  }
}
