package io.spillway.controller.dashboard;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.spillway.controller.dashboard.LiveFeed.Client;
import io.spillway.controller.dashboard.Sessions.Session;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.RpcException;
import io.spillway.store.HistoryPage;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryQuery;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The dashboard over HTTP. Pages hold nothing worth hiding and are given to anyone; every JSON
 * needs a session; every act needs an administrator's, and comes with a header of ours, which no
 * form or image of another site can send (with SameSite=Strict and Sec-Fetch-Site that makes three
 * locks against forged requests).
 */
final class DashboardRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(DashboardRoutes.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ROOT = "/dashboard";
  private static final String API = ROOT + "/api";
  private static final String COOKIE = "spillway_session";
  private static final String OUR_HEADER = "X-Spillway-Dashboard";
  private static final int LONGEST_BODY = 32 * 1024;
  private static final int LONGEST_SEARCH = 200;

  /** Scripts, styles and pictures of our own only, and no string ever becomes markup. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private final DashboardParts parts;
  private final Figures figures;
  private final LiveFeed feed;
  private final TimeSource time;
  private final SignIn signIn;
  private final Sessions sessions;
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
    this.signIn = new SignIn(settings, keys, time);
    this.sessions = new Sessions(settings, keys, time);
  }

  void addTo(JavalinConfig config) {
    config.routes.get(ROOT, this::page);
    config.routes.get(ROOT + "/{file}", this::page);
    config.routes.get(API + "/session", guarded(Role.VIEWER, this::whoAmI));
    config.routes.post(API + "/session", this::enter);
    config.routes.delete(API + "/session", this::leave);
    config.routes.get(
        API + "/overview", guarded(Role.VIEWER, (c, s) -> write(c, figures.overview())));
    config.routes.get(API + "/nodes", guarded(Role.VIEWER, (c, s) -> write(c, figures.nodes())));
    config.routes.get(API + "/egresses", guarded(Role.VIEWER, this::list));
    config.routes.get(API + "/egresses/{id}", guarded(Role.VIEWER, this::show));
    config.routes.post(API + "/egresses/{id}/stop", guarded(Role.ADMIN, this::stop));
    config.routes.post(API + "/nodes/{id}/drain", guarded(Role.ADMIN, this::drain));
    config.routes.get(API + "/webhooks", guarded(Role.VIEWER, this::webhooks));
    config.routes.post(API + "/webhooks/{event}/redeliver", guarded(Role.ADMIN, this::redeliver));
    config.routes.get(API + "/live", guarded(Role.VIEWER, this::live));
  }

  /** What a route does for whoever has a session. */
  @FunctionalInterface
  private interface Guarded {
    void handle(Context request, Session session);
  }

  private Handler guarded(Role needed, Guarded handler) {
    return request -> {
      secure(request);
      Optional<Session> session = session(request);
      if (session.isEmpty()) {
        refuse(request, 401, "You are not signed in, or your session is over.");
      } else if (needed == Role.ADMIN && session.get().role() != Role.ADMIN) {
        refuse(request, 403, "Viewers may look, but change nothing.");
      } else if (needed == Role.ADMIN && isForged(request)) {
        refuse(request, 403, "This request did not come from the dashboard's own page.");
      } else {
        answer(request, session.get(), handler);
      }
    };
  }

  private static void answer(Context request, Session session, Guarded handler) {
    try {
      handler.handle(request, session);
    } catch (RpcException known) {
      refuse(request, known.code().httpStatus(), String.valueOf(known.getMessage()));
    } catch (StoreException silent) {
      LOG.atWarn().setCause(silent).log("dashboard could not read the store");
      refuse(request, 503, "The egress store does not answer. Recordings go on; try again soon.");
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect in the dashboard");
      refuse(request, 500, "A defect of the dashboard; its log says more.");
    }
  }

  private Optional<Session> session(Context request) {
    String cookie = request.cookie(COOKIE);
    return cookie == null ? Optional.empty() : sessions.open(cookie);
  }

  private static boolean isForged(Context request) {
    String site = request.header("Sec-Fetch-Site");
    return request.header(OUR_HEADER) == null || (site != null && !site.equals("same-origin"));
  }

  private static void secure(Context request) {
    request
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Cache-Control", "no-store");
  }

  private void page(Context request) {
    secure(request);
    boolean atRoot = request.path().equals(ROOT);
    if (atRoot) {
      request.redirect(ROOT + "/"); // so that relative addresses of the page hold
      return;
    }
    String name = request.path().substring(ROOT.length() + 1);
    Optional<Assets.Asset> found = assets.find(name.isEmpty() ? "index.html" : name);
    if (found.isEmpty()) {
      refuse(request, 404, "There is no such page.");
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

  private void enter(Context request) throws IOException {
    secure(request);
    if (isForged(request)) {
      refuse(request, 403, "This request did not come from the dashboard's own page.");
      return;
    }
    Optional<JsonNode> body = body(request);
    if (body.isEmpty()) {
      refuse(request, 400, "The sign-in request could not be read.");
      return;
    }
    String key = body.get().path("api_key").asString("");
    SignIn.Answer answer =
        key.isEmpty()
            ? signIn.withToken(body.get().path("token").asString(""))
            : signIn.withKey(key, body.get().path("api_secret").asString(""));
    switch (answer) {
      case SignIn.Answer.Granted granted -> {
        Session session = new Session(granted.role(), granted.untilUnixSeconds());
        setCookie(request, sessions.seal(session), sessions.secondsLeft(session));
        LOG.atInfo()
            .addKeyValue("role", granted.role().word())
            .addKeyValue("from", request.ip())
            .log("signed in to the dashboard");
        whoAmI(request, session);
      }
      case SignIn.Answer.Refused refused -> {
        LOG.atWarn().addKeyValue("from", request.ip()).log("sign-in to the dashboard refused");
        refuse(request, 401, refused.sentence());
      }
    }
  }

  private static Optional<JsonNode> body(Context request) throws IOException {
    byte[] bytes = request.req().getInputStream().readNBytes(LONGEST_BODY + 1);
    if (bytes.length > LONGEST_BODY) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(bytes));
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  private void leave(Context request) {
    secure(request);
    setCookie(request, "", 0);
    write(request, JSON.createObjectNode());
  }

  private static void setCookie(Context request, String value, long seconds) {
    boolean tls = request.req().isSecure() || "https".equals(request.header("X-Forwarded-Proto"));
    request.header(
        "Set-Cookie",
        "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Strict%s"
            .formatted(COOKIE, value, ROOT, seconds, tls ? "; Secure" : ""));
  }

  private void whoAmI(Context request, Session session) {
    write(
        request,
        JSON.createObjectNode()
            .put("role", session.role().word())
            .put("secondsLeft", sessions.secondsLeft(session))
            .put("version", parts.version()));
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
      refuse(request, 400, "There is no such status, or this page of the list is gone.");
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
    write(request, page);
  }

  private void show(Context request, Session session) {
    String id = request.pathParam("id");
    Optional<StoredEgress> stored = parts.store().find(id);
    if (stored.isEmpty()) {
      refuse(
          request,
          404,
          "There is no egress with this id. Ended ones are forgotten after history_retention.");
      return;
    }
    Optional<Progress> progress = Optional.ofNullable(parts.progress().progress().get(id));
    write(request, EgressViews.detail(stored.get(), parts.store().timeline(id), progress));
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
      refuse(request, 404, "There is no node with this id any more.");
      return;
    }
    LOG.atInfo().addKeyValue("node", id).addKeyValue("from", request.ip()).log("drained by hand");
    write(request, figures.nodes());
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
      write(
          request,
          WebhookViews.page(
              parts.webhooks().list(query), parts.store().outbox().backlog(), time.unixNanos()));
    } catch (IllegalArgumentException foreignToken) {
      refuse(request, 400, "This page of the list is gone: begin at the first.");
    }
  }

  private void redeliver(Context request, Session session) {
    String event = request.pathParam("event");
    int deliveries = parts.webhooks().redeliver(event);
    if (deliveries == 0) {
      refuse(request, 404, "There is no event with this id any more.");
      return;
    }
    LOG.atInfo().addKeyValue("event", event).addKeyValue("from", request.ip()).log("sent again");
    write(request, JSON.createObjectNode().put("deliveries", deliveries));
  }

  private void live(Context request, Session session) {
    String last = request.header("Last-Event-ID");
    Optional<Client> client = feed.join(last == null ? "" : last);
    if (client.isEmpty()) {
      request.header("Retry-After", "10");
      refuse(request, 503, "Too many browsers follow this controller's events.");
      return;
    }
    request.contentType("text/event-stream; charset=utf-8").header("X-Accel-Buffering", "no");
    try {
      client.get().serve(request.res().getOutputStream(), () -> sessions.secondsLeft(session) > 0);
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

  private static void refuse(Context request, int status, String sentence) {
    write(request.status(status), JSON.createObjectNode().put("error", sentence));
  }

  private static void write(Context request, ObjectNode answer) {
    request.contentType("application/json").result(JSON.writeValueAsBytes(answer));
  }
}
