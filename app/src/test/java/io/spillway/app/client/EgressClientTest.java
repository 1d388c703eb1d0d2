package io.spillway.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.TokenPagination;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EgressClientTest {
  private final ConcurrentLinkedQueue<String> authorizations = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private EgressClient client;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    client =
        new EgressClient(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"), () -> "token");
  }

  @AfterEach
  void close() {
    client.close();
    server.stop(0);
  }

  private void answer(String path, int status, byte[] body) {
    server.createContext(
        path,
        exchange -> {
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  @Test
  void aStartIsAPostWithOurToken() throws InterruptedException {
    EgressInfo info = EgressInfo.newBuilder().setEgressId("EG_1").build();
    answer("/twirp/livekit.Egress/StartTrackEgress", 200, info.toByteArray());

    assertThat(client.start(TrackEgressRequest.getDefaultInstance())).isEqualTo(info);
    assertThat(authorizations).containsExactly("Bearer token");
  }

  @Test
  void aRefusalCarriesTheServersCodeAndText() {
    byte[] body =
        "{\"code\":\"not_found\",\"msg\":\"egress does not exist\"}"
            .getBytes(StandardCharsets.UTF_8);
    answer("/twirp/livekit.Egress/StopEgress", 404, body);

    assertThatThrownBy(() -> client.stop("EG_1"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo("not_found"))
        .hasMessage("egress does not exist");
  }

  @Test
  void anAnswerThatIsNotTwirpIsNamedByItsStatus() {
    answer("/twirp/livekit.Egress/StopEgress", 502, "<html>".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> client.stop("EG_1"))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo("http_502"))
        .hasMessage("HTTP status 502");
  }

  @Test
  void aServerThatIsNotThereIsUnreachable() {
    server.stop(0);

    assertThatThrownBy(() -> client.stop("EG_1"))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.unreachable()).isTrue())
        .hasMessageContaining("is 'spillway up' running there?");
  }

  @Test
  void pagesAreFollowedToTheEndOrTheLimit() throws InterruptedException {
    ConcurrentLinkedQueue<String> tokens = new ConcurrentLinkedQueue<>();
    server.createContext(
        "/twirp/livekit.Egress/ListEgress",
        exchange -> {
          var request = ListEgressRequest.parseFrom(exchange.getRequestBody().readAllBytes());
          tokens.add(request.getPageToken().getToken());
          int page =
              request.hasPageToken() ? Integer.parseInt(request.getPageToken().getToken()) : 0;
          var response = ListEgressResponse.newBuilder();
          response.addItems(EgressInfo.newBuilder().setEgressId("EG_" + page));
          if (page < 2) {
            response.setNextPageToken(TokenPagination.newBuilder().setToken("" + (page + 1)));
          }
          byte[] body = response.build().toByteArray();
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });

    assertThat(client.listAll(ListEgressRequest.getDefaultInstance(), 10))
        .extracting(EgressInfo::getEgressId)
        .containsExactly("EG_0", "EG_1", "EG_2");
    assertThat(client.listAll(ListEgressRequest.getDefaultInstance(), 2)).hasSize(2);
    assertThat(tokens).containsExactly("", "1", "2", "", "1");
  }

  @Test
  void progressIsReadWhereTheServerTellsIt() throws InterruptedException {
    byte[] body =
        """
        {"items":[{"egress_id":"EG_1","progress":{"seconds":2.5,"bytes":77}},{"egress_id":"EG_2"}]}
        """
            .getBytes(StandardCharsets.UTF_8);
    answer("/api/egress", 200, body);

    assertThat(client.progress()).isEqualTo(Map.of("EG_1", new Progress(2.5, 77)));
  }

  @Test
  void aServerWithoutProgressTellsNone() throws InterruptedException {
    answer("/api/egress", 404, new byte[0]);

    assertThat(client.progress()).isEmpty();
  }
}
