package io.spillway.app.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.spillway.app.client.EgressClient;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.process.Starting;
import io.spillway.core.time.SystemTime;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import io.spillway.store.sql.EgressStores;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The composition root without a LiveKit server: what stands before the first recording. */
class UpTest {
  private static final ApiKey KEY = new ApiKey("key", "a secret that is long enough for HS256");

  @TempDir Path folder;
  private final SystemTime time = new SystemTime();

  @AfterEach
  void stopTime() {
    time.close();
  }

  private SpillwayConfig config(int port) {
    Map<String, String> flags =
        Map.of(
            "ws_url",
            "ws://127.0.0.1:1",
            "api_key",
            KEY.key(),
            "api_secret",
            KEY.secret(),
            "port",
            Integer.toString(port),
            "bind",
            "127.0.0.1",
            "cluster_id",
            "west",
            "storage.prefix",
            "recordings/",
            "data",
            folder.resolve("data").toString());
    return ConfigFile.read("test", "", Map.of(), flags).config();
  }

  private Up open() {
    return open(config(0));
  }

  private Up open(SpillwayConfig config) {
    return new Up(config, time, new SecureRandom(), "1.2.3", Duration.ofSeconds(2));
  }

  private static String get(Up up, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(up.address().resolve(path)).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @Test
  void itServesItsApiAndMetrics() throws Exception {
    try (Up up = open()) {
      up.start();
      assertThat(get(up, "/")).contains("spillway").contains("1.2.3");
      assertThat(get(up, "/readyz")).contains("ready");
      assertThat(get(up, "/metrics"))
          .contains("jvm_")
          .contains("spillway_rpc_")
          .contains("spillway_media_subscriptions 0.0")
          .containsPattern(
              "livekit_egress_available\\{cluster_id=\"west\",node_id=\"NE_\\w+\"} 1.0")
          .containsPattern("livekit_egress_requests\\{.*type=\"track\".*} 0.0")
          .containsPattern("spillway_recordings\\{.*} 0.0")
          .containsPattern("spillway_statuses_waiting\\{.*} 0.0")
          .containsPattern("spillway_status_oldest_age_seconds\\{.*} 0.0")
          .containsPattern("spillway_media_joins_waiting\\{.*} 0.0")
          .containsPattern("spillway_media_kernel_drops_total\\{.*} \\d");
      try (EgressClient client =
          new EgressClient(
              URI.create(up.address() + "/"),
              () -> new TokenSigner(KEY, time).recordRooms(Duration.ofMinutes(1)))) {
        assertThat(client.list(ListEgressRequest.getDefaultInstance()).getItemsList()).isEmpty();
        assertThat(client.progress()).isEmpty();
      }
    }
  }

  @Test
  void whatAnEarlierProcessStoredAndItsNodeNeverNotedEndsAsLost() throws Exception {
    EgressInfo stored =
        EgressInfo.newBuilder()
            .setEgressId("EG_lost")
            .setStatus(EgressStatus.EGRESS_STARTING)
            .setStartedAt(time.unixNanos())
            .build();
    try (EgressStore store = EgressStores.sqlite(folder.resolve("data"), time)) {
      store.create(new NewEgress(stored, ByteString.copyFromUtf8("sealed")));
    }
    try (Up up = open()) {
      up.start();
    }
    try (EgressStore store = EgressStores.sqlite(folder.resolve("data"), time)) {
      StoredEgress lost = store.find("EG_lost").orElseThrow();
      assertThat(lost.info().getStatus()).isEqualTo(EgressStatus.EGRESS_FAILED);
      assertThat(lost.info().getErrorCode()).isEqualTo(503);
      assertThat(lost.info().getError()).isEqualTo("recording ended early: node lost");
      assertThat(lost.sealedRequest()).isEqualTo(ByteString.EMPTY);
      assertThat(store.unfinished()).isEmpty();
    }
  }

  @Test
  void aSecondProcessOnTheSameDataIsRefusedAndTheFirstGoesOn() throws Exception {
    try (Up up = open()) {
      up.start();
      assertThatThrownBy(this::open).isInstanceOf(StoreException.class);
      assertThat(get(up, "/healthz")).contains("alive");
    }
  }

  @Test
  void aTakenPortIsToldInOneLineOfOurs() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger library = (Logger) LoggerFactory.getLogger("io.javalin");
    lines.start();
    library.addAppender(lines);
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SpillwayConfig config = config(holder.getLocalPort());
      assertThatThrownBy(() -> Starting.begin(() -> open(config), config))
          .isInstanceOf(OutcomeException.class)
          .hasMessage(
              "port %d of 127.0.0.1 is taken: choose another with --port"
                  .formatted(holder.getLocalPort()));
    } finally {
      library.detachAppender(lines);
    }
    assertThat(lines.list).isEmpty();
  }

  @Test
  void whatItClosedCanBeOpenedAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (Up up = open()) {
        up.start();
        assertThat(get(up, "/healthz")).contains("alive");
      }
    }
  }

  @Test
  void theKeyFileIsItsOwnersOnly() throws Exception {
    try (Up up = open()) {
      up.start();
      Path keys = folder.resolve("data/secrets.key");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
          .isEqualTo("rw-------");
    }
  }
}
