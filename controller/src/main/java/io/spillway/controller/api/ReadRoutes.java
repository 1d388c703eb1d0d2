package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.TokenPagination;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.EgressStore;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What our own tools read, as plain JSON: EgressInfo in LiveKit's form with what only we know
 * beside it (epoch, node, progress, time line). Same tokens as the Egress service.
 */
final class ReadRoutes {
  private final Authorizer authorizer;
  private final EgressStore store;
  private final EgressLists lists;
  private final ProgressSource progress;

  ReadRoutes(Authorizer authorizer, EgressStore store, EgressLists lists, ProgressSource progress) {
    this.authorizer = authorizer;
    this.store = store;
    this.lists = lists;
    this.progress = progress;
  }

  /** {@code GET /api/egress?room_name=&active=true&page_token=}. */
  void list(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    ListEgressRequest.Builder query =
        ListEgressRequest.newBuilder()
            .setRoomName(parameter(request, "room_name"))
            .setActive(parameter(request, "active").equals("true"));
    String token = parameter(request, "page_token");
    if (!token.isEmpty()) {
      query.setPageToken(TokenPagination.newBuilder().setToken(token));
    }
    ListEgressResponse page = lists.list(query.build());
    Map<String, Progress> now = progress.progress();
    ObjectNode answer = ProtoJson.JSON.createObjectNode();
    ArrayNode items = answer.putArray("items");
    page.getItemsList().forEach(info -> items.add(item(info, now)));
    answer.put("next_page_token", page.getNextPageToken().getToken());
    write(request, answer);
  }

  /** {@code GET /api/egress/ID}. */
  void show(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    StoredEgress stored = named(request, trace);
    ObjectNode answer = item(stored.info(), progress.progress());
    answer.put("epoch", stored.epoch()).put("node", stored.node());
    answer.put("created_at", Long.toString(stored.createdAtNanos()));
    write(request, answer);
  }

  /** {@code GET /api/egress/ID/timeline}: every transition that the store has seen. */
  void timeline(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    StoredEgress stored = named(request, trace);
    ObjectNode answer = ProtoJson.JSON.createObjectNode();
    answer.put("egress_id", stored.info().getEgressId());
    ArrayNode entries = answer.putArray("entries");
    for (TimelineEntry entry : store.timeline(stored.info().getEgressId())) {
      entries
          .addObject()
          .put("at", Long.toString(entry.atNanos()))
          .put("status", entry.status().name())
          .put("epoch", entry.epoch())
          .put("node", entry.node())
          .put("reason", entry.reason());
    }
    write(request, answer);
  }

  private StoredEgress named(Context request, Trace trace) {
    String id = request.pathParam("id");
    if (id.isEmpty()) {
      throw new RpcException(RpcCode.NOT_FOUND, "egress does not exist");
    }
    StoredEgress stored = lists.stored(id);
    trace.egress(id, stored.epoch());
    trace.node(stored.node());
    trace.roomSid(stored.info().getRoomId());
    return stored;
  }

  private static ObjectNode item(EgressInfo info, Map<String, Progress> now) {
    ObjectNode item = ProtoJson.print(info);
    Progress far = now.get(info.getEgressId());
    if (far != null) {
      item.putObject("progress").put("seconds", far.seconds()).put("bytes", far.bytes());
    }
    return item;
  }

  private static String parameter(Context request, String name) {
    String value = request.queryParam(name);
    return value == null ? "" : value;
  }

  private static void write(Context request, ObjectNode answer) {
    request.contentType("application/json").result(ProtoJson.JSON.writeValueAsBytes(answer));
  }
}
