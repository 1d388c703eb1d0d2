package io.spillway.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.EncodingOptionsPreset;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private static final EgressInfo COMPLETE =
      EgressInfo.newBuilder()
          .setEgressId("EG_1")
          .setRoomName("demo")
          .setStatus(EgressStatus.EGRESS_COMPLETE)
          .setStartedAt(1_700_000_000_000_000_000L)
          .setTrack(TrackEgressRequest.newBuilder().setTrackId("TR_1"))
          .addFileResults(
              FileInfo.newBuilder().setLocation("/r/a.ogg").setDuration(5_000_000_000L).setSize(77))
          .build();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, byte[]> requests = new ConcurrentHashMap<>();
  private final SystemTime time = new SystemTime();
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    environment.put("SPILLWAY_URL", "http://127.0.0.1:" + server.getAddress().getPort());
    environment.put("LIVEKIT_API_KEY", "devkey");
    environment.put("LIVEKIT_API_SECRET", "a secret that is long enough");
  }

  @AfterEach
  void close() {
    server.stop(0);
    time.close();
  }

  private void answer(String method, int status, byte[] body) {
    server.createContext(
        "/twirp/livekit.Egress/" + method,
        exchange -> {
          requests.put(method, exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private int run(String... args) {
    var terminal =
        new Terminal(
            new PrintWriter(out), new PrintWriter(err), environment, time, ZoneOffset.UTC, false);
    return Commands.line(terminal, List.of()).execute(args);
  }

  private static byte[] page(EgressInfo... infos) {
    return ListEgressResponse.newBuilder().addAllItems(List.of(infos)).build().toByteArray();
  }

  @Test
  void startAsksForATrackIntoAFileAsTypedAtThePrompt() throws Exception {
    answer("StartTrackEgress", 200, COMPLETE.toByteArray());

    int code = run("start", "track", "--room", "demo", "TR_1", "--file", "/r/x");

    assertThat(code).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("EG_1");
    assertThat(TrackEgressRequest.parseFrom(requests.get("StartTrackEgress")))
        .isEqualTo(
            TrackEgressRequest.newBuilder()
                .setRoomName("demo")
                .setTrackId("TR_1")
                .setFile(DirectFileOutput.newBuilder().setFilepath("/r/x"))
                .build());
  }

  @Test
  void aFolderStaysAFolder() throws Exception {
    answer("StartTrackEgress", 200, COMPLETE.toByteArray());

    run("start", "track", "--room", "demo", "TR_1", "--file", "/r/x/");

    assertThat(
            TrackEgressRequest.parseFrom(requests.get("StartTrackEgress")).getFile().getFilepath())
        .isEqualTo("/r/x/");
  }

  @Test
  void v2AsksForAPassthroughOfOneTrack() throws Exception {
    answer("StartEgress", 200, COMPLETE.toByteArray());

    assertThat(run("start", "track", "--room", "demo", "TR_1", "--v2", "audio")).isZero();

    var request = StartEgressRequest.parseFrom(requests.get("StartEgress"));
    assertThat(request.getPreset()).isEqualTo(EncodingOptionsPreset.PASSTHROUGH);
    assertThat(request.getMedia().getAudio().getRoutes(0).getTrackId()).isEqualTo("TR_1");
    assertThat(request.getOutputsCount()).isEqualTo(1);
  }

  @Test
  void listIsATable() {
    answer("ListEgress", 200, page(COMPLETE));

    assertThat(run("list")).isZero();

    assertThat(out.toString().lines())
        .containsExactly(
            "EGRESS  ROOM  WHAT        STATUS    STARTED              LENGTH  SIZE  NOTE",
            "EG_1    demo  track TR_1  complete  2023-11-14 22:13:20  0:05.0  77 B");
  }

  @Test
  void watchEndsWithTheEgressAndTellsHow() {
    EgressInfo failed =
        COMPLETE.toBuilder()
            .setStatus(EgressStatus.EGRESS_FAILED)
            .setError("no space left on /r")
            .setErrorCode(500)
            .build();
    answer("ListEgress", 200, page(failed));

    assertThat(run("watch", "EG_1")).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("500 no space left on /r").contains("/r/a.ogg");
  }

  @Test
  void watchOfACompleteEgressSucceeds() {
    answer("ListEgress", 200, page(COMPLETE));

    assertThat(run("watch", "EG_1")).isZero();
  }

  @Test
  void aRefusalIsShownWithItsCode() {
    byte[] body =
        "{\"code\":\"failed_precondition\",\"msg\":\"egress with status X cannot be stopped\"}"
            .getBytes(StandardCharsets.UTF_8);
    answer("StopEgress", 412, body);

    assertThat(run("stop", "EG_1")).isEqualTo(ExitCode.REFUSED);
    assertThat(err.toString())
        .contains("failed_precondition: egress with status X cannot be stopped");
  }

  @Test
  void oneRefusalKeepsNoOtherFromBeingStopped() throws Exception {
    server.createContext(
        "/twirp/livekit.Egress/StopEgress",
        exchange -> {
          String id =
              StopEgressRequest.parseFrom(exchange.getRequestBody().readAllBytes()).getEgressId();
          boolean ended = id.equals("EG_1");
          byte[] body =
              ended
                  ? "{\"code\":\"not_found\",\"msg\":\"gone\"}".getBytes(StandardCharsets.UTF_8)
                  : COMPLETE.toBuilder().setEgressId(id).build().toByteArray();
          exchange.sendResponseHeaders(ended ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    EgressInfo second = COMPLETE.toBuilder().setEgressId("EG_2").build();
    answer("ListEgress", 200, page(second, COMPLETE.toBuilder().setEgressId("EG_3").build()));

    assertThat(run("stop", "EG_1", "EG_2", "EG_3", "--wait")).isEqualTo(ExitCode.REFUSED);

    assertThat(err.toString()).contains("EG_1: not_found: gone");
    assertThat(out.toString()).contains("EG_2  ").contains("EG_3  ");
  }

  @Test
  void helpAndHintsNameTheProgramAsItWasCalled() {
    environment.put("SPILLWAY_COMMAND", "../bin/spillway");

    assertThat(run("stop", "--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: ../bin/spillway stop")
        .contains("  ../bin/spillway stop EG_xxxxxxxxxxxx --wait")
        .contains("$(../bin/spillway list")
        .doesNotContain(" spillway stop");
    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("'../bin/spillway --help'");
  }

  @Test
  void anUnknownEgressIsRefused() {
    answer("ListEgress", 200, page());

    assertThat(run("show", "EG_1")).isEqualTo(ExitCode.REFUSED);
    assertThat(err.toString()).contains("no egress has the id EG_1");
  }

  @Test
  void aServerThatIsNotThereHasAnExitCodeOfItsOwn() {
    server.stop(0);

    assertThat(run("list")).isEqualTo(ExitCode.UNREACHABLE);
  }

  @Test
  void withoutAKeyTheVariableIsNamed() {
    environment.remove("LIVEKIT_API_SECRET");

    assertThat(run("list")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("set LIVEKIT_API_SECRET (or --api-secret)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x", "not an address", "http://", "localhost:7990"})
  void anAddressThatIsNoneIsWrongUsage(String address) {
    assertThat(run("list", "--url", address)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "list", "show", "watch", "stop", "doctor"})
  void eachCommandTeachesByExample(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Example").contains("spillway " + command);
  }

  @Test
  void withoutACommandHelpIsPointedTo() {
    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("spillway --help");
  }

  @Test
  void aConfigurationThatCanNotBeReadIsWrongUsage() {
    assertThat(run("doctor", "--port", "many")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("command line: port: expected a whole number");
  }

  private void answerPage(String path, int status, String json) {
    server.createContext(
        path,
        exchange -> {
          byte[] body = json.getBytes(StandardCharsets.UTF_8);
          requests.put(path, exchange.getRequestURI().toString().getBytes(StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  @Test
  void webhooksAreListedWithWhatBecameOfThem() {
    answerPage(
        "/api/webhooks",
        200,
        """
        {"items":[{"event_id":"EV_1","event":"egress_ended","egress_id":"EG_1","sequence":4,
          "created_at":"1700000000000000000","state":"given_up","attempts":290,
          "url":"http://a/hook","last_error":"status 500"}],"next_page_token":""}\
        """);

    assertThat(run("webhooks", "list", "--egress", "EG_1", "--state", "given_up")).isZero();

    assertThat(out.toString())
        .contains("EV_1", "egress_ended", "2023-11-14", "given up", "290", "status 500");
    assertThat(new String(requests.get("/api/webhooks"), StandardCharsets.UTF_8))
        .isEqualTo("/api/webhooks?egress_id=EG_1&state=given_up&limit=100");
  }

  @Test
  void aWebhookIsSentAgain() {
    answerPage("/api/webhooks/EV_1/redeliver", 200, "{\"event_id\":\"EV_1\",\"deliveries\":2}");
    answerPage(
        "/api/webhooks/EV_2/redeliver",
        404,
        "{\"code\":\"not_found\",\"msg\":\"no webhook event has the id EV_2\"}");

    assertThat(run("webhooks", "redeliver", "EV_1")).isZero();
    assertThat(out.toString()).contains("EV_1  2 addresses");
    assertThat(run("webhooks", "redeliver", "EV_2")).isEqualTo(ExitCode.REFUSED);
    assertThat(err.toString()).contains("no webhook event has the id EV_2");
  }
}
