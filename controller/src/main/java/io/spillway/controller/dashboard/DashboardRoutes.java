package io.spillway.controller.dashboard;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.spillway.controller.dashboard.LiveFeed.Client;
import io.spillway.controller.session.Door;
import io.spillway.controller.session.Replies;
import io.spillway.controller.session.Role;
import io.spillway.controller.session.Sessions.Session;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.HistoryPage;
import io.spillway.store.StoredEgress;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryQuery;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The dashboard over HTTP. Pages hold nothing worth hiding and are given to anyone; every JSON
 * needs a session, every act an administrator's: see {@link Door}.
 */
final class DashboardRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(DashboardRoutes.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ROOT = "/dashboard";
  private static final String API = ROOT + "/api";
  private static final int LONGEST_SEARCH = 200;

  private final DashboardParts parts;
  private final Figures figures;
  private final LiveFeed feed;
  private final TimeSource time;
  private final Door door;
  private final Assets assets = new Assets();

  DashboardRoutes(
      DashboardSettings settings,
      DashboardParts parts,
      Figures figures,
      LiveFeed feed,
      ApiKeys keys,
      TimeSource time) {
    this.parts = parts;
    this.figures = figures;
    this.feed = feed;
    this.time = time;
    this.door = new Door(ROOT, settings.sessions(), keys, parts.version(), time);
  }

  void addTo(JavalinConfig config) {
    config.routes.get(ROOT, this::page);
    config.routes.get(ROOT + "/{file}", this::page);
    door.addTo(config, API + "/session");
    config.routes.get(
        API + "/overview",
        door.guarded(Role.VIEWER, (c, s) -> Replies.write(c, figures.overview())));
    config.routes.get(
        API + "/nodes", door.guarded(Role.VIEWER, (c, s) -> Replies.write(c, figures.nodes())));
    config.routes.get(API + "/egresses", door.guarded(Role.VIEWER, this::list));
    config.routes.get(API + "/egresses/{id}", door.guarded(Role.VIEWER, this::show));
    config.routes.post(API + "/egresses/{id}/stop", door.guarded(Role.ADMIN, this::stop));
    config.routes.post(API + "/nodes/{id}/drain", door.guarded(Role.ADMIN, this::drain));
    config.routes.post(API + "/nodes/{id}/replace", door.guarded(Role.ADMIN, this::replace));
    config.routes.get(API + "/webhooks", door.guarded(Role.VIEWER, this::webhooks));
    config.routes.post(
        API + "/webhooks/{event}/redeliver", door.guarded(Role.ADMIN, this::redeliver));
    config.routes.get(API + "/live", door.guarded(Role.VIEWER, this::live));
  }

  private void page(Context request) {
    Replies.secure(request);
    boolean atRoot = request.path().equals(ROOT);
    if (atRoot) {
      request.redirect(ROOT + "/"); // so that relative addresses of the page hold
      return;
    }
    String name = request.path().substring(ROOT.length() + 1);
    Optional<Assets.Asset> found = assets.find(name.isEmpty() ? "index.html" : name);
    if (found.isEmpty()) {
      Replies.refuse(request, 404, "There is no such page.");
      return;
    }
    Assets.Asset asset = found.get();
    request.header("Cache-Control", "no-cache").header("ETag", asset.tag());
    if (asset.tag().equals(request.header("If-None-Match"))) {
      request.status(304);
    } else {
      request.contentType(asset.contentType()).result(asset.content());
    }
  }

  private void list(Context request, Session session) {
    HistoryPage found;
    try {
      found =
          parts
              .store()
              .search(
                  EgressSearch.of(
                      parameter(request, "text"),
                      parameter(request, "status"),
                      parameter(request, "kind"),
                      parameter(request, "room"),
                      parameter(request, "page_token")));
    } catch (IllegalArgumentException unknownWord) {
      Replies.refuse(request, 400, "There is no such status, or this page of the list is gone.");
      return;
    }
    Map<String, Progress> progress = parts.progress().progress();
    ObjectNode page = JSON.createObjectNode();
    ArrayNode rows = page.putArray("egresses");
    found
        .egresses()
        .forEach(stored -> {
          EgressInfo info = stored.info();
          rows.add(EgressViews.row(info, Optional.ofNullable(progress.get(info.getEgressId()))));
        });
    page.put("nextToken", found.nextToken().orElse(""));
    Replies.write(request, page);
  }

  private void show(Context request, Session session) {
    String id = request.pathParam("id");
    Optional<StoredEgress> stored = parts.store().find(id);
    if (stored.isEmpty()) {
      Replies.refuse(
          request,
          404,
          "There is no egress with this id. Ended ones are forgotten after history_retention.");
      return;
    }
    Optional<Progress> progress = Optional.ofNullable(parts.progress().progress().get(id));
    Replies.write(request, EgressViews.detail(stored.get(), parts.store().timeline(id), progress));
  }

  private void stop(Context request, Session session) {
    String id = request.pathParam("id");
    parts.stopEgress().accept(id);
    LOG.atInfo().addKeyValue("egress", id).addKeyValue("from", request.ip()).log("stopped by hand");
    show(request, session);
  }

  private void drain(Context request, Session session) {
    String id = request.pathParam("id");
    if (!parts.drainNode().test(id, "drained by hand, on the dashboard")) {
      Replies.refuse(request, 404, "There is no node with this id any more.");
      return;
    }
    LOG.atInfo().addKeyValue("node", id).addKeyValue("from", request.ip()).log("drained by hand");
    Replies.write(request, figures.nodes());
  }

  private void replace(Context request, Session session) {
    String id = request.pathParam("id");
    if (parts.fleet().nodes().stream().noneMatch(node -> node.id().equals(id))) {
      Replies.refuse(request, 404, "There is no node with this id any more.");
      return;
    }
    Optional<String> obstacle = parts.replacements().ask(id, "by hand, on the dashboard");
    if (obstacle.isPresent()) {
      Replies.refuse(request, 409, obstacle.get());
      return;
    }
    LOG.atInfo()
        .addKeyValue("node", id)
        .addKeyValue("from", request.ip())
        .log("a replacement was asked for by hand");
    Replies.write(request, figures.nodes());
  }

  private void webhooks(Context request, Session session) {
    Optional<Delivery.State> state =
        Stream.of(Delivery.State.values())
            .filter(one -> one.name().equalsIgnoreCase(parameter(request, "state")))
            .findFirst();
    DeliveryQuery query =
        new DeliveryQuery(
            parameter(request, "egress"),
            "",
            state,
            parameter(request, "page_token"),
            EgressSearch.PAGE);
    try {
      Replies.write(
          request,
          WebhookViews.page(
              parts.webhooks().list(query), parts.store().outbox().backlog(), time.unixNanos()));
    } catch (IllegalArgumentException foreignToken) {
      Replies.refuse(request, 400, "This page of the list is gone: begin at the first.");
    }
  }

  private void redeliver(Context request, Session session) {
    String event = request.pathParam("event");
    int deliveries = parts.webhooks().redeliver(event);
    if (deliveries == 0) {
      Replies.refuse(request, 404, "There is no event with this id any more.");
      return;
    }
    LOG.atInfo().addKeyValue("event", event).addKeyValue("from", request.ip()).log("sent again");
    Replies.write(request, JSON.createObjectNode().put("deliveries", deliveries));
  }

  private void live(Context request, Session session) {
    String last = request.header("Last-Event-ID");
    Optional<Client> client = feed.join(last == null ? "" : last);
    if (client.isEmpty()) {
      request.header("Retry-After", "10");
      Replies.refuse(request, 503, "Too many browsers follow this controller's events.");
      return;
    }
    request.contentType("text/event-stream; charset=utf-8").header("X-Accel-Buffering", "no");
    try {
      client.get().serve(request.res().getOutputStream(), () -> door.isOpenFor(session));
    } catch (IOException gone) {
      LOG.atDebug().setCause(gone).log("a browser has left");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static String parameter(Context request, String name) {
    String value = request.queryParam(name);
    String given = value == null ? "" : value.strip();
    return given.length() > LONGEST_SEARCH ? given.substring(0, LONGEST_SEARCH) : given;
  }
}
