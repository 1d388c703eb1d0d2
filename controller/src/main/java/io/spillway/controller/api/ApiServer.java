package io.spillway.controller.api;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.util.JavalinException;
import io.javalin.util.JavalinLogger;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.api.Authorizer.RefusedTokenException;
import io.spillway.controller.api.RequestBody.TooLargeException;
import io.spillway.controller.dispatch.IdMaker;
import io.spillway.controller.dispatch.StopFlow;
import io.spillway.controller.dispatch.Trace;
import io.spillway.controller.fleet.FleetService;
import io.spillway.controller.idempotency.IdempotentStarts;
import io.spillway.controller.status.EgressLists;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.TokenVerifier;
import io.spillway.core.trace.TraceKeys;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.fleet.LeaseMessages;
import io.spillway.store.EgressStore;
import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP server. Every request runs on its own virtual thread, so a slow client holds only
 * itself; how many may be connected, how much and how long they may send is limited.
 *
 * <p>Whatever a handler throws ends here as an answer in Twirp's form, with what the request is
 * known by in the head.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  private static final Pattern REQUEST_ID = Pattern.compile("[0-9A-Za-z_.:-]{1,64}");

  /** The SDKs' own header: the same for each try of one call. */
  private static final String SDK_REQUEST_ID = "X-Livekit-Request-Id";

  /** "http://host/" + "/twirp/...": LiveKit takes the doubled slash, so do we; nothing else odd. */
  private static final UriCompliance DOUBLED_SLASHES =
      UriCompliance.DEFAULT.with(
          "doubled slashes", UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT);

  /** With all connections taken, whoever says nothing for so long makes room. */
  private static final Duration IDLE_WHEN_FULL = Duration.ofSeconds(1);

  private static final Duration IDLE_AT_STOP = Duration.ofMillis(100);
  private static final int LONGEST_HEAD_BYTES = 32 * 1024;

  private final ApiSettings settings;
  private final TwirpRoutes twirp;
  private final ReadRoutes reads;
  private final WebhookRoutes webhooks;
  private final StatusPages pages;
  private final Optional<Consumer<JavalinConfig>> dashboard;
  private final LeaseRoute leases;
  private final IdMaker ids;
  private final TimeSource time;
  private final Counter requests;
  private final Histogram seconds;
  private final Javalin javalin;

  /**
   * Builds the server; {@link #start} opens its port.
   *
   * @param dashboard adds the dashboard's routes, which answer for themselves; none: not served
   */
  public ApiServer(
      ApiSettings settings,
      IdempotentStarts starts,
      StopFlow stops,
      EgressStore store,
      EgressLists lists,
      FleetService fleet,
      Webhooks webhooks,
      ProgressSource progress,
      Supplier<String> metricsText,
      PrometheusRegistry metrics,
      TimeSource time,
      IdMaker ids,
      Optional<Consumer<JavalinConfig>> dashboard) {
    Authorizer authorizer = new Authorizer(new TokenVerifier(settings.keys(), time));
    this.settings = settings;
    RequestBody bodies = new RequestBody(settings, time);
    this.twirp =
        new TwirpRoutes(
            new EgressMethods(settings.keys(), starts, stops, lists), authorizer, bodies);
    this.leases = new LeaseRoute(authorizer, bodies, fleet);
    this.reads = new ReadRoutes(authorizer, store, lists, progress);
    this.webhooks = new WebhookRoutes(authorizer, webhooks);
    this.pages = new StatusPages(settings.version(), store, metricsText, dashboard.isPresent());
    this.ids = ids;
    this.dashboard = dashboard;
    this.time = time;
    this.requests =
        Counter.builder()
            .name("spillway_api_requests")
            .help("HTTP requests, by route and status")
            .labelNames("route", "status")
            .register(metrics);
    this.seconds =
        Histogram.builder()
            .name("spillway_api_request_seconds")
            .help("Time from the head of a request to its answer, by route")
            .labelNames("route")
            .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
            .register(metrics);
    this.javalin = Javalin.create(this::configure);
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.concurrency.useVirtualThreads = true;
    config.router.treatMultipleSlashesAsSingleSlash = true;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.jetty.host = settings.host();
    config.jetty.port = settings.port();
    config.jetty.modifyHttpConfiguration(http -> {
      http.setIdleTimeout(settings.idleTimeout().toMillis());
      http.setRequestHeaderSize(LONGEST_HEAD_BYTES);
      http.setSendServerVersion(false);
      http.setUriCompliance(DOUBLED_SLASHES);
    });
    config.jetty.modifyServletContextHandler(
        handler -> handler.getServletHandler().setDecodeAmbiguousURIs(true));
    config.jetty.modifyServer(server -> {
      NetworkConnectionLimit limit = new NetworkConnectionLimit(settings.connectionLimit(), server);
      limit.setEndPointIdleTimeout(IDLE_WHEN_FULL.toMillis());
      server.addBean(limit);
      server.setStopTimeout(settings.closeTimeout().toMillis());
    });
    // LiveKit allows any origin: only the token counts.
    config.bundledPlugins.enableCors(cors -> cors.addRule(rule -> rule.anyHost()));
    routes(config);
  }

  private void routes(JavalinConfig config) {
    for (HandlerType verb :
        List.of(
            HandlerType.GET,
            HandlerType.POST,
            HandlerType.PUT,
            HandlerType.PATCH,
            HandlerType.DELETE)) {
      config.routes.addHttpHandler(
          verb, TwirpRoutes.PREFIX + "<rest>", context -> serve(context, "twirp", twirp::handle));
    }
    config.routes.get("/api/egress", context -> serve(context, "list", reads::list));
    config.routes.get("/api/egress/{id}", context -> serve(context, "show", reads::show));
    config.routes.get(
        "/api/egress/{id}/timeline", context -> serve(context, "timeline", reads::timeline));
    config.routes.post(LeaseMessages.PATH, leases::renew);
    config.routes.get("/api/webhooks", context -> serve(context, "webhooks", webhooks::list));
    config.routes.post(
        "/api/webhooks/{event}/redeliver",
        context -> serve(context, "redeliver", webhooks::redeliver));
    config.routes.get("/", context -> pages.front(context));
    config.routes.get("/healthz", context -> pages.alive(context));
    config.routes.get("/readyz", context -> pages.ready(context));
    config.routes.get("/metrics", context -> pages.metrics(context));
    dashboard.ifPresent(routes -> routes.accept(config));
  }

  /** What a route does with a request. */
  @FunctionalInterface
  private interface Route {
    void handle(Context request, Trace trace) throws InterruptedException;
  }

  private void serve(Context request, String route, Route handler) {
    long began = time.nanos();
    Trace trace = Trace.begin(requestId(request));
    try {
      answer(request, trace, handler);
    } finally {
      trace.headers().forEach(request::header);
      double took = (time.nanos() - began) / 1e9;
      int status = request.statusCode();
      requests.labelValues(route, Integer.toString(status)).inc();
      seconds.labelValues(route).observe(took);
      LOG.atInfo()
          .addKeyValue("verb", request.method().name())
          .addKeyValue("path", request.path())
          .addKeyValue("status", status)
          .addKeyValue("seconds", took)
          .log("request answered");
      trace.end();
    }
  }

  private static void answer(Context request, Trace trace, Route handler) {
    try {
      handler.handle(request, trace);
    } catch (RefusedTokenException refused) {
      request.status(401).contentType("text/plain; charset=utf-8").result(refused.text());
    } catch (TooLargeException large) {
      request
          .status(413)
          .contentType("text/plain; charset=utf-8")
          .result(String.valueOf(large.getMessage()));
    } catch (TwirpException known) {
      write(request, known);
    } catch (RpcException failure) {
      String text = failure.getMessage() == null ? failure.code().wire() : failure.getMessage();
      write(request, new TwirpException(TwirpCode.of(failure.code()), text));
    } catch (StoreException unreachable) {
      LOG.atError().setCause(unreachable).log("store failed");
      write(
          request,
          new TwirpException(
              TwirpCode.UNAVAILABLE, "the egress store failed: " + unreachable.getMessage()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      write(request, new TwirpException(TwirpCode.UNAVAILABLE, "the controller is shutting down"));
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect while handling a request");
      write(
          request,
          new TwirpException(
              TwirpCode.INTERNAL, "internal error, see the log for request " + trace.requestId()));
    }
  }

  private static void write(Context request, TwirpException failure) {
    ObjectNode body = ProtoJson.JSON.createObjectNode();
    body.put("code", failure.code().word()).put("msg", failure.text());
    if (!failure.meta().isEmpty()) {
      ObjectNode meta = body.putObject("meta");
      failure.meta().forEach(meta::put);
    }
    request
        .status(failure.code().status())
        .contentType("application/json")
        .result(ProtoJson.JSON.writeValueAsBytes(body));
  }

  private String requestId(Context request) {
    for (String header : List.of(TraceKeys.HEADER_REQUEST, SDK_REQUEST_ID)) {
      String given = request.header(header);
      if (given != null && REQUEST_ID.matcher(given).matches()) {
        return given;
      }
    }
    return ids.request();
  }

  /** Opens the port; throws when it is taken. */
  public void start() {
    JavalinLogger.enabled = false; // its line that it failed would stand beside what we throw
    try {
      javalin.start();
    } finally {
      JavalinLogger.enabled = true;
    }
    for (Connector connector : javalin.jettyServer().server().getConnectors()) {
      if (connector instanceof AbstractConnector network) {
        // Connections kept alive between requests don't hold a stop up.
        network.setShutdownIdleTimeout(IDLE_AT_STOP.toMillis());
      }
    }
  }

  /** The port that is served. */
  public int port() {
    return javalin.port();
  }

  /** Takes no new request, lets those under way end for the close time-out, then cuts them. */
  @Override
  public void close() {
    try {
      javalin.stop();
    } catch (JavalinException late) {
      LOG.atWarn().setCause(late).log("requests under way were cut at the stop");
    }
  }
}
