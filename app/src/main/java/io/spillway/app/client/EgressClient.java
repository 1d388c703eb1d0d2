package io.spillway.app.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.spillway.core.http.WholeExchange;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * LiveKit's egress service over Twirp in protobuf, plus the status pages of ours that LiveKit has
 * no method for. Blocking; thread-safe.
 */
public final class EgressClient implements AutoCloseable {
  /** More than the server's start budget (10 s), so that its own answer arrives. */
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http;
  private final URI base;
  private final Supplier<String> token;

  /**
   * A client of the server at {@code base}.
   *
   * @param token makes an access token for each request
   */
  public EgressClient(URI base, Supplier<String> token) {
    this.http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
    this.base = base;
    this.token = token;
  }

  /** Starts a track egress (v1). */
  public EgressInfo start(TrackEgressRequest request) throws InterruptedException {
    return call("StartTrackEgress", request, EgressInfo.parser());
  }

  /** Starts an egress (v2). */
  public EgressInfo start(StartEgressRequest request) throws InterruptedException {
    return call("StartEgress", request, EgressInfo.parser());
  }

  /** One page of egresses, newest first. */
  public ListEgressResponse list(ListEgressRequest request) throws InterruptedException {
    return call("ListEgress", request, ListEgressResponse.parser());
  }

  /** The egress with this id, if the server knows it. */
  public Optional<EgressInfo> find(String egressId) throws InterruptedException {
    var request = ListEgressRequest.newBuilder().setEgressId(egressId).build();
    return list(request).getItemsList().stream()
        .filter(info -> info.getEgressId().equals(egressId))
        .findFirst();
  }

  /** Asks an egress to end; it goes on to ENDING and ends on its own. */
  public EgressInfo stop(String egressId) throws InterruptedException {
    var request = StopEgressRequest.newBuilder().setEgressId(egressId).build();
    return call("StopEgress", request, EgressInfo.parser());
  }

  /** A JSON page of the server's, {@code /api/egress} for example. */
  public JsonNode page(String path) throws InterruptedException {
    return page(request(path).GET().build());
  }

  private JsonNode page(HttpRequest request) throws InterruptedException {
    HttpResponse<byte[]> response = send(request);
    if (response.statusCode() != 200) {
      throw refusal(response);
    }
    return json(response.body())
        .orElseThrow(() -> new ApiException("malformed_result", request.uri() + ": not JSON"));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private <R extends Message> R call(String method, Message body, Parser<R> parser)
      throws InterruptedException {
    HttpRequest request =
        request("/twirp/livekit.Egress/" + method)
            .header("Content-Type", "application/protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .build();
    HttpResponse<byte[]> response = send(request);
    if (response.statusCode() != 200) {
      throw refusal(response);
    }
    try {
      return parser.parseFrom(response.body());
    } catch (InvalidProtocolBufferException broken) {
      throw new ApiException("malformed_result", method + ": the answer isn't protobuf", broken);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .header("Authorization", "Bearer " + token.get());
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws InterruptedException {
    try {
      return WholeExchange.send(http, request, BodyHandlers.ofByteArray(), TIMEOUT);
    } catch (IOException nobody) {
      throw new ApiException(
          ApiException.UNREACHABLE,
          "no answer from "
              + base
              + " ("
              + nobody.getClass().getSimpleName()
              + "): is 'spillway up' running there?",
          nobody);
    }
  }

  // Twirp's error body (twirp spec v7): {"code":…, "msg":…, "meta":{…}}.
  private static ApiException refusal(HttpResponse<byte[]> response) {
    Optional<JsonNode> body = json(response.body());
    String code = body.map(b -> b.path("code").asString("")).orElse("");
    String text = body.map(b -> b.path("msg").asString("")).orElse("");
    return new ApiException(
        code.isEmpty() ? "http_" + response.statusCode() : code,
        text.isEmpty() ? "HTTP status " + response.statusCode() : text);
  }

  private static Optional<JsonNode> json(byte[] body) {
    try {
      return Optional.of(JSON.readTree(body));
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  /** Follows the page tokens to the end, at most {@code limit} egresses. */
  public List<EgressInfo> listAll(ListEgressRequest first, int limit) throws InterruptedException {
    var out = new java.util.ArrayList<EgressInfo>();
    ListEgressRequest request = first;
    while (true) {
      ListEgressResponse page = list(request);
      out.addAll(page.getItemsList());
      String next = page.getNextPageToken().getToken();
      if (next.isEmpty() || page.getItemsCount() == 0 || out.size() >= limit) {
        return out.subList(0, Math.min(limit, out.size()));
      }
      request = first.toBuilder().setPageToken(page.getNextPageToken()).build();
    }
  }

  /**
   * Webhooks that were or are to be delivered, newest first, as {@code /api/webhooks} lists them.
   *
   * @param egressId empty: of any egress
   * @param state {@code waiting}, {@code delivered} or {@code given_up}; empty: any
   */
  public JsonNode webhooks(String egressId, String state, int limit) throws InterruptedException {
    String query =
        "?egress_id=%s&state=%s&limit=%d"
            .formatted(
                URLEncoder.encode(egressId, StandardCharsets.UTF_8),
                URLEncoder.encode(state, StandardCharsets.UTF_8),
                limit);
    return page("/api/webhooks" + query);
  }

  /** Sends an event to all its addresses once more; how many those are. */
  public int redeliver(String eventId) throws InterruptedException {
    String path =
        "/api/webhooks/" + URLEncoder.encode(eventId, StandardCharsets.UTF_8) + "/redeliver";
    JsonNode answer = page(request(path).POST(HttpRequest.BodyPublishers.noBody()).build());
    return answer.path("deliveries").asInt(0);
  }

  /** What a server tells of how far its running egresses are, by egress id; empty if it doesn't. */
  public Map<String, Progress> progress() throws InterruptedException {
    try {
      return Progress.ofPage(page("/api/egress?active=true"));
    } catch (ApiException notOurs) {
      if (notOurs.unreachable()) {
        throw notOurs;
      }
      return Map.of(); // a LiveKit server has no such page
    }
  }
}
