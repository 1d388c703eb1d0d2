package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.EgressStore;
import io.spillway.store.HistoryPage;
import io.spillway.store.HistoryQuery;
import io.spillway.store.ListQuery;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What our own tools read, as plain JSON: EgressInfo in LiveKit's form with what only we know
 * beside it (epoch, node, progress, time line). Same tokens as the Egress service.
 */
final class ReadRoutes {
  private static final Set<EgressStatus> ACTIVE =
      Set.of(EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING);

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

  /**
   * {@code GET /api/egress?room_name=&active=true&status=&type=&node=&text=&from=&until=&limit=
   * &page_token=}; statuses and types are separated by commas, times are RFC 3339 or Unix
   * nanoseconds, {@code until} is not in the range.
   */
  void list(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    HistoryPage page;
    try {
      page = store.search(query(request));
    } catch (IllegalArgumentException foreignToken) {
      throw Parameters.invalid("page_token");
    }
    Map<String, Progress> now = progress.progress();
    ObjectNode answer = ProtoJson.JSON.createObjectNode();
    ArrayNode items = answer.putArray("items");
    page.egresses().forEach(stored -> items.add(item(stored, now)));
    answer.put("next_page_token", page.nextToken().orElse(""));
    Parameters.write(request, answer);
  }

  private static HistoryQuery query(Context request) {
    Set<EgressStatus> statuses = new HashSet<>();
    for (String word : words(request, "status")) {
      statuses.add(status(word));
    }
    if (Parameters.text(request, "active").equals("true")) {
      statuses.retainAll(ACTIVE); // what was asked for of them; all of them when nothing was
      statuses.addAll(statuses.isEmpty() ? ACTIVE : Set.of());
    }
    return new HistoryQuery(
        Parameters.moment(request, "from", 0),
        Parameters.moment(request, "until", Long.MAX_VALUE),
        statuses,
        Set.copyOf(words(request, "type")),
        Parameters.text(request, "node"),
        Parameters.text(request, "room_name"),
        Parameters.text(request, "text"),
        Parameters.text(request, "page_token"),
        Parameters.limit(request, ListQuery.MOST));
  }

  private static List<String> words(Context request, String name) {
    return Arrays.stream(Parameters.text(request, name).split(",", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** {@code EGRESS_ACTIVE} or {@code active}. */
  private static EgressStatus status(String word) {
    String name = word.toUpperCase(Locale.ROOT);
    for (EgressStatus status : EgressStatus.values()) {
      if (status.name().equals(name) || status.name().equals("EGRESS_" + name)) {
        return status;
      }
    }
    throw Parameters.invalid("status: " + word);
  }

  /** {@code GET /api/egress/ID}. */
  void show(Context request, Trace trace) {
    Authorizer.needRecord(authorizer.grants(request));
    StoredEgress stored = named(request, trace);
    Parameters.write(request, item(stored, progress.progress()));
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
    Parameters.write(request, answer);
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

  private static ObjectNode item(StoredEgress stored, Map<String, Progress> now) {
    ObjectNode item = ProtoJson.print(stored.info());
    item.put("epoch", stored.epoch()).put("node", stored.node()).put("region", stored.region());
    item.put("created_at", Long.toString(stored.createdAtNanos()));
    Progress far = now.get(stored.info().getEgressId());
    if (far != null) {
      item.putObject("progress").put("seconds", far.seconds()).put("bytes", far.bytes());
    }
    return item;
  }
}
