package io.spillway.controller.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.controller.ControllerFixture;
import io.spillway.controller.ControllerFixture.Answer;
import io.spillway.controller.FakeNode;
import io.spillway.controller.session.SessionSettings;
import io.spillway.protocol.livekit.EgressInfo;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The dashboard over real HTTP. */
final class DashboardHttpTest {
  private static final String VIEWER = "a token to look with";
  private static final String ADMIN = "a token to act with";
  @TempDir Path folder;
  private ControllerFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture =
        new ControllerFixture(
            folder,
            new DashboardSettings(
                true,
                new SessionSettings(Optional.of(VIEWER), Optional.of(ADMIN), Duration.ofHours(1)),
                2));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private Answer enter(String body) throws Exception {
    return fixture.send(
        HttpRequest.newBuilder(fixture.url("/dashboard/api/session"))
            .header("X-Spillway-Dashboard", "1")
            .POST(BodyPublishers.ofString(body)));
  }

  private String cookie(String token) throws Exception {
    Answer answer = enter("{\"token\":\"" + token + "\"}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    String header = answer.header("Set-Cookie");
    return header.substring(0, header.indexOf(';'));
  }

  private Answer get(String path, String cookie) throws Exception {
    return fixture.send(HttpRequest.newBuilder(fixture.url(path)).header("Cookie", cookie).GET());
  }

  private HttpRequest.Builder post(String path, String cookie) {
    return HttpRequest.newBuilder(fixture.url(path))
        .header("Cookie", cookie)
        .POST(BodyPublishers.noBody());
  }

  private String started(FakeNode node) throws Exception {
    EgressInfo info =
        fixture.call("StartTrackEgress", ControllerFixture.trackRequest()).as(EgressInfo.parser());
    assertThat(node).isNotNull();
    return info.getEgressId();
  }

  @Test
  void pagesAreGivenToAnyoneUnderAStrictPolicy() throws Exception {
    Answer page = get("/dashboard/", "");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text())
        .contains("<title>Spillway</title>")
        .doesNotContain("<script>", "style=");
    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(get("/dashboard/app.js", "").header("Content-Type")).startsWith("text/javascript");
    assertThat(get("/dashboard/..%2f..%2fSessions.class", "").status()).isIn(400, 404);
    assertThat(get("/dashboard/secrets.txt", "").status()).isEqualTo(404);
  }

  @Test
  void aBrowserAtTheFrontGoesToTheDashboardAndAToolDoesNot() throws Exception {
    var browser = HttpRequest.newBuilder(fixture.url("/")).header("Accept", "text/html,*/*").GET();

    assertThat(fixture.send(browser).header("Location")).endsWith("/dashboard/");
    assertThat(fixture.get("/").json().path("name").asString("")).isEqualTo("spillway");
  }

  @Test
  void nothingIsShownWithoutASession() throws Exception {
    for (String path :
        new String[] {"session", "overview", "nodes", "egresses", "egresses/EG_1", "live"}) {
      assertThat(get("/dashboard/api/" + path, "").status()).as(path).isEqualTo(401);
      assertThat(get("/dashboard/api/" + path, "spillway_session=forged.forged").status())
          .as(path)
          .isEqualTo(401);
    }
  }

  @Test
  void theSessionCookieIsOutOfReachOfScriptsAndOtherSites() throws Exception {
    Answer answer = enter("{\"token\":\"" + VIEWER + "\"}");

    assertThat(answer.header("Set-Cookie"))
        .contains("HttpOnly", "SameSite=Strict", "Path=/dashboard", "Max-Age=36")
        .doesNotContain(VIEWER);
    assertThat(answer.json().path("role").asString("")).isEqualTo("viewer");
  }

  @Test
  void aWrongTokenIsRefusedWithASentence() throws Exception {
    assertThat(enter("{\"token\":\"something else\"}").json().path("error").asString(""))
        .isEqualTo("This is none of the dashboard's tokens.");
    assertThat(enter("no json").status()).isEqualTo(400);
    assertThat(enter("{\"token\":\"" + "x".repeat(40_000) + "\"}").status()).isEqualTo(400);
    assertThat(enter("{\"api_key\":\"devkey\",\"api_secret\":\"secret\"}").status()).isEqualTo(200);
  }

  @Test
  void aViewerSeesAllAndChangesNothing() throws Exception {
    try (FakeNode node = fixture.node()) {
      String id = started(node);
      String viewer = cookie(VIEWER);

      assertThat(get("/dashboard/api/egresses/" + id, viewer).status()).isEqualTo(200);
      Answer refused =
          fixture.send(
              post("/dashboard/api/egresses/" + id + "/stop", viewer)
                  .header("X-Spillway-Dashboard", "1"));

      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.json().path("error").asString("")).contains("change nothing");
      assertThat(node.stopped()).isEmpty();
    }
  }

  @Test
  void anAdministratorStopsAnEgressButNoForeignPageDoes() throws Exception {
    try (FakeNode node = fixture.node()) {
      String id = started(node);
      String path = "/dashboard/api/egresses/" + id + "/stop";
      String admin = cookie(ADMIN);

      assertThat(fixture.send(post(path, admin)).status()).isEqualTo(403);
      assertThat(
              fixture
                  .send(
                      post(path, admin)
                          .header("X-Spillway-Dashboard", "1")
                          .header("Sec-Fetch-Site", "same-site"))
                  .status())
          .isEqualTo(403);
      assertThat(node.stopped()).isEmpty();
      Answer stopped = fixture.send(post(path, admin).header("X-Spillway-Dashboard", "1"));

      assertThat(stopped.status()).as(stopped.text()).isEqualTo(200);
      assertThat(node.stopped()).containsExactly(id);
    }
  }

  @Test
  void whatANodeOrAWebhookIsToldNeedsAnAdministrator() throws Exception {
    for (String path :
        new String[] {"nodes/NE_9/drain", "nodes/NE_9/replace", "webhooks/EV_9/redeliver"}) {
      assertThat(told(path, cookie(VIEWER))).as(path).isEqualTo(403);
      assertThat(told(path, cookie(ADMIN))).as(path).isEqualTo(404); // there is none
    }
    assertThat(get("/dashboard/api/webhooks", cookie(VIEWER)).json().path("deliveries")).isEmpty();
  }

  private int told(String path, String cookie) throws Exception {
    return fixture
        .send(post("/dashboard/api/" + path, cookie).header("X-Spillway-Dashboard", "1"))
        .status();
  }

  @Test
  void noSecretOfARequestIsEverShown() throws Exception {
    try (FakeNode node = fixture.node()) {
      String id = started(node);
      String viewer = cookie(VIEWER);

      String shown =
          get("/dashboard/api/egresses/" + id, viewer).text()
              + get("/dashboard/api/egresses", viewer).text();

      assertThat(shown).contains(id, "studio", "{secret}").doesNotContain("\"top\"");
    }
  }

  @Test
  void egressesAreFoundByTextStatusTypeAndRoom() throws Exception {
    try (FakeNode node = fixture.node()) {
      String id = started(node);
      String viewer = cookie(VIEWER);
      String list = "/dashboard/api/egresses?";

      for (String fits :
          new String[] {
            "text=TR_1",
            "text=" + id.toLowerCase(Locale.ROOT),
            "status=running",
            "status=starting",
            "kind=track",
            "room=studio"
          }) {
        assertThat(get(list + fits, viewer).json().path("egresses")).as(fits).hasSize(1);
      }
      for (String other : new String[] {"text=TR_2", "status=failed", "kind=web", "room=other"}) {
        assertThat(get(list + other, viewer).json().path("egresses")).as(other).isEmpty();
      }
      assertThat(get(list + "status=nonsense", viewer).status()).isEqualTo(400);
      assertThat(get(list + "page_token=nonsense", viewer).status()).isEqualTo(400);
    }
  }

  @Test
  void aFailedStartIsExplainedInPlainWords() throws Exception {
    Answer refused = fixture.call("StartTrackEgress", ControllerFixture.trackRequest());
    assertThat(refused.status()).isNotEqualTo(200);
    String viewer = cookie(VIEWER);
    JsonNode row = get("/dashboard/api/egresses", viewer).json().path("egresses").path(0);

    JsonNode detail = get("/dashboard/api/egresses/" + row.path("id").asString(""), viewer).json();

    assertThat(detail.path("status").asString("")).isEqualTo("failed");
    assertThat(detail.path("happened").asString("")).startsWith("No node took the request");
    assertThat(detail.path("next").asString("")).contains("nodes page");
    assertThat(detail.path("timeline")).hasSizeGreaterThanOrEqualTo(2);
    Awaitility.await("the overview counts it")
        .until(() ->
            get("/dashboard/api/overview", viewer).json().path("starts").path("bad").asInt() == 1);
  }

  @Test
  void changesComeByThemselves() throws Exception {
    try (FakeNode node = fixture.node()) {
      String viewer = cookie(VIEWER);
      var response =
          fixture.http.send(
              HttpRequest.newBuilder(fixture.url("/dashboard/api/live"))
                  .header("Cookie", viewer)
                  .GET()
                  .build(),
              BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        assertThat(response.headers().firstValue("Content-Type").orElse(""))
            .startsWith("text/event-stream");
        StringBuilder heard = new StringBuilder();
        readUntil(in, heard, "event: overview");
        String id = started(node);

        readUntil(in, heard, "\"id\":\"" + id + "\"");

        assertThat(heard.toString()).contains("event: hello", "event: egress");
      }
    }
  }

  @Test
  void whoComesAgainHearsWhatHappenedWhileNobodyWasThere() throws Exception {
    try (FakeNode node = fixture.node()) {
      String viewer = cookie(VIEWER);
      StringBuilder heard = new StringBuilder();
      try (InputStream in = live(viewer, "")) {
        readUntil(in, heard, "data: {}");
      }
      String last = heard.substring(heard.indexOf("id: ") + 4, heard.indexOf("\n"));
      String id = started(node);
      Awaitility.await("it is seen")
          .until(() ->
              get("/dashboard/api/overview", viewer).json().path("active").path("starting").asInt()
                  == 1);

      try (InputStream in = live(viewer, last)) {
        readUntil(in, new StringBuilder(), "\"id\":\"" + id + "\"");
      }
    }
  }

  private InputStream live(String cookie, String lastEventId) throws Exception {
    var request =
        HttpRequest.newBuilder(fixture.url("/dashboard/api/live")).header("Cookie", cookie);
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    return fixture.http.send(request.GET().build(), BodyHandlers.ofInputStream()).body();
  }

  private static void readUntil(InputStream in, StringBuilder heard, String wanted)
      throws Exception {
    byte[] chunk = new byte[4096];
    while (heard.indexOf(wanted) < 0) {
      int count = in.read(chunk);
      assertThat(count).as("the stream ended before %s: %s", wanted, heard).isPositive();
      heard.append(new String(chunk, 0, count, StandardCharsets.UTF_8));
    }
  }
}
