package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.store.EgressStore;
import io.spillway.store.ListQuery;
import io.spillway.store.StoreException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** What anyone may read without a token: who we are, whether we live, whether we can work. */
final class StatusPages {
  private static final Logger LOG = LoggerFactory.getLogger(StatusPages.class);
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final String version;
  private final EgressStore store;
  private final Supplier<String> metricsText;
  private final boolean dashboard;

  StatusPages(String version, EgressStore store, Supplier<String> metricsText, boolean dashboard) {
    this.version = version;
    this.store = store;
    this.metricsText = metricsText;
    this.dashboard = dashboard;
  }

  /** Name, version and where to go on; a browser goes on to the dashboard by itself. */
  void front(Context request) {
    String accept = request.header("Accept");
    if (dashboard && accept != null && accept.contains("text/html")) {
      request.redirect("/dashboard/");
      return;
    }
    ObjectNode page = ProtoJson.JSON.createObjectNode();
    page.put("name", "spillway").put("version", version);
    ObjectNode links = page.putObject("links");
    if (dashboard) {
      links.put("dashboard", "/dashboard/");
    }
    links
        .put("twirp", "/twirp/livekit.Egress/")
        .put("egresses", "/api/egress")
        .put("health", "/healthz")
        .put("ready", "/readyz")
        .put("metrics", "/metrics");
    write(request, page);
  }

  /** The process answers. */
  void alive(Context request) {
    write(request, ProtoJson.JSON.createObjectNode().put("status", "alive"));
  }

  /** The store answers; 503 when it doesn't, so that no new work is sent here. */
  void ready(Context request) {
    ObjectNode page = ProtoJson.JSON.createObjectNode();
    try {
      var _ = store.list(ListQuery.all().atMost(1));
      page.put("status", "ready");
    } catch (StoreException unreachable) {
      LOG.atWarn().setCause(unreachable).log("not ready");
      request.status(503);
      page.put("status", "not ready").put("reason", "the egress store does not answer");
    }
    write(request, page);
  }

  /** Prometheus' text format. */
  void metrics(Context request) {
    request.contentType(PROMETHEUS_TEXT).result(metricsText.get());
  }

  private static void write(Context request, ObjectNode page) {
    request.contentType("application/json").result(ProtoJson.JSON.writeValueAsBytes(page));
  }
}
