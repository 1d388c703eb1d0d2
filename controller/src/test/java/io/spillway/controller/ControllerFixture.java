package io.spillway.controller;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.util.JsonFormat;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.alert.AlertSettings;
import io.spillway.controller.api.ApiSettings;
import io.spillway.controller.dashboard.DashboardSettings;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.controller.frontdoor.DoorBus;
import io.spillway.controller.frontdoor.DoorReports;
import io.spillway.controller.gonode.GoNodes;
import io.spillway.controller.repair.Supervisor;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.controller.webhook.WebhookRouter;
import io.spillway.controller.webhook.WebhookSettings;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenSigner;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.S3Upload;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.store.ControllerStore;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.sql.EgressStores;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A controller over real HTTP, a real store and a memory bus, with a fake node and LiveKit. */
public final class ControllerFixture implements AutoCloseable {
  public static final ApiKeys KEYS =
      new ApiKeys(List.of(new ApiKey("devkey", "secret"), new ApiKey("second", "hidden")));
  public static final int BODY_LIMIT = 64 * 1024;

  public final SystemTime time = new SystemTime();
  public final Map<String, Progress> progress = new ConcurrentHashMap<>();
  public final PrometheusRegistry metrics = new PrometheusRegistry();
  public final WebhookRouter webhooks;
  public final FakeLiveKit liveKit;
  public final ControllerStore store;
  public final MemoryBus bus = new MemoryBus(new RpcMetrics());
  public final Controller controller;
  public final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  public ControllerFixture(Path folder) throws IOException {
    this(folder, WebhookSettings.none());
  }

  public ControllerFixture(Path folder, WebhookSettings hooks) throws IOException {
    this(hooks, (time, router) -> EgressStores.sqlite(folder, time, router));
  }

  public ControllerFixture(Path folder, DashboardSettings dashboard) throws IOException {
    this(
        WebhookSettings.none(),
        (time, router) -> EgressStores.sqlite(folder, time, router),
        dashboard);
  }

  /** How a store is opened. */
  @FunctionalInterface
  public interface Opening {
    ControllerStore open(TimeSource time, EventRouter router);
  }

  public ControllerFixture(WebhookSettings hooks, Opening opening) throws IOException {
    this(hooks, opening, DashboardSettings.usual());
  }

  private ControllerFixture(WebhookSettings hooks, Opening opening, DashboardSettings dashboard)
      throws IOException {
    this(new WebhookRouter(hooks, KEYS), opening, dashboard, _ -> Optional.empty(), new Random(1));
  }

  /**
   * One with a front door.
   *
   * @param door the bus of its livekit-server, given the fleet's
   */
  public ControllerFixture(Path folder, UnaryOperator<MessageBus> door) throws IOException {
    this(
        WebhookRouter.telling(DoorReports.TARGET, false, WebhookSettings.none(), KEYS),
        (time, router) -> EgressStores.sqlite(folder, time, router),
        DashboardSettings.usual(),
        fleet -> Optional.of(new DoorBus(door.apply(fleet), "livekits-redis:6379")),
        new Random(1));
  }

  private ControllerFixture(
      WebhookRouter router,
      Opening opening,
      DashboardSettings dashboard,
      Function<MessageBus, Optional<DoorBus>> door,
      Random random)
      throws IOException {
    liveKit = new FakeLiveKit(KEYS, time);
    liveKit.room("studio", "RM_studio");
    webhooks = router;
    store = opening.open(time, webhooks);
    DispatchSettings usual = DispatchSettings.of(liveKit.url());
    DispatchSettings dispatch =
        new DispatchSettings(
            usual.livekitUrl(), "", usual.startTimeout(), Duration.ofMillis(400), 2);
    ApiSettings defaults = ApiSettings.of(KEYS);
    ApiSettings api =
        new ApiSettings(
            "127.0.0.1",
            0,
            KEYS,
            BODY_LIMIT,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            defaults.connectionLimit(),
            Duration.ofSeconds(1),
            "1.2.3");
    controller =
        new Controller(
            new ControllerSettings(
                api,
                dispatch,
                ControllerSettings.USUAL_RETENTION,
                dashboard,
                AlertSettings.none(),
                ControllerSettings.Fleet.usual().with(GoNodes.ALWAYS)),
            new ControllerHooks(
                () -> Map.copyOf(progress),
                RequestSealer.none(),
                metrics,
                new RpcMetrics(),
                webhooks,
                () -> "spillway_up 1\n",
                Supervisor.none(),
                door.apply(bus)),
            store,
            bus,
            time,
            random);
    try {
      controller.start();
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  /** Another controller of the same fleet, not started; its counters are its own. */
  public Controller another(DoorBus door) {
    ControllerHooks hooks = ControllerHooks.none(KEYS);
    return new Controller(
        ControllerSettings.of(KEYS, liveKit.url()).at("127.0.0.1", 0),
        new ControllerHooks(
            hooks.progress(),
            hooks.sealer(),
            hooks.metrics(),
            hooks.rpc(),
            hooks.webhooks(),
            hooks.metricsText(),
            hooks.supervisor(),
            Optional.of(door)),
        store,
        bus,
        time,
        new Random(2));
  }

  public FakeNode node() {
    return new FakeNode(bus, time);
  }

  public String token() {
    return new TokenSigner(KEYS.signing(), time).recordRooms(Duration.ofMinutes(5));
  }

  public URI url(String path) {
    return URI.create("http://127.0.0.1:" + controller.port() + path);
  }

  /** A Twirp call with protobuf. */
  public Answer call(String method, Message request) throws Exception {
    return post(method, "application/protobuf", request.toByteArray());
  }

  /** A Twirp call with JSON. */
  public Answer callJson(String method, Message request) throws Exception {
    return post(
        method,
        "application/json",
        JsonFormat.printer().print(request).getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  public Answer post(String method, String contentType, byte[] body) throws Exception {
    return send(
        HttpRequest.newBuilder(url("/twirp/livekit.Egress/" + method))
            .header("Authorization", "Bearer " + token())
            .header("Content-Type", contentType)
            .POST(BodyPublishers.ofByteArray(body)));
  }

  public Answer get(String path) throws Exception {
    return send(
        HttpRequest.newBuilder(url(path)).header("Authorization", "Bearer " + token()).GET());
  }

  public Answer send(HttpRequest.Builder request) throws Exception {
    HttpResponse<byte[]> response =
        http.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofByteArray());
    return new Answer(response);
  }

  /** A start of a track of room studio, with a secret in it. */
  public static TrackEgressRequest trackRequest() {
    return TrackEgressRequest.newBuilder()
        .setRoomName("studio")
        .setTrackId("TR_1")
        .setFile(
            DirectFileOutput.newBuilder()
                .setFilepath("a.ogg")
                .setS3(S3Upload.newBuilder().setBucket("b").setSecret("top")))
        .build();
  }

  /** The EgressInfo that the API has for this id. */
  public EgressInfo stored(String egressId) {
    return store.find(egressId).orElseThrow().info();
  }

  @Override
  public void close() {
    controller.close();
    bus.close();
    store.close();
    liveKit.close();
    http.close();
    time.close();
  }

  /** What came back. */
  public record Answer(HttpResponse<byte[]> response) {
    public int status() {
      return response.statusCode();
    }

    public String text() {
      return new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    public JsonNode json() {
      return JsonMapper.shared().readTree(response.body());
    }

    public <M extends Message> M as(Parser<M> parser) throws InvalidProtocolBufferException {
      if (status() != 200) {
        throw new AssertionError("status " + status() + ": " + text());
      }
      return parser.parseFrom(response.body());
    }

    /** "status code: msg" of a Twirp error. */
    public String error() {
      return status()
          + " "
          + json().path("code").asString("")
          + ": "
          + json().path("msg").asString("");
    }
  }
}
