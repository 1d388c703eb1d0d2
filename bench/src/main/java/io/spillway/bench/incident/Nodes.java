package io.spillway.bench.incident;

import io.spillway.app.command.OutcomeException;
import io.spillway.core.token.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The nodes as a controller judges them, read from its dashboard's API. For one thread. */
final class Nodes implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
  private final URI controller;
  private final String cookie;

  /**
   * One node.
   *
   * @param health in the dashboard's words
   * @param takesWork whether a start would be given to it
   */
  record Sight(String id, String health, boolean takesWork) {
    boolean isWell() {
      return health.equals("healthy") && takesWork;
    }
  }

  private Nodes(URI controller, ApiKey key) throws IOException, InterruptedException {
    this.controller = controller;
    String body =
        JSON.createObjectNode()
            .put("api_key", key.key())
            .put("api_secret", key.secret())
            .toString();
    HttpRequest request =
        HttpRequest.newBuilder(controller.resolve("/dashboard/api/session"))
            .timeout(ANSWER)
            .header("X-Spillway-Dashboard", "1")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    this.cookie =
        answer
            .headers()
            .firstValue("Set-Cookie")
            .map(header -> header.replaceFirst(";.*", ""))
            .orElseThrow(
                () -> new OutcomeException("the dashboard lets nobody in: " + answer.body()));
  }

  /** Signs in at {@code controller}. */
  static Nodes of(URI controller, ApiKey key) throws IOException, InterruptedException {
    return new Nodes(controller, key);
  }

  /** All nodes, as they stand now. */
  List<Sight> now() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(controller.resolve("/dashboard/api/nodes"))
            .timeout(ANSWER)
            .header("Cookie", cookie)
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("the nodes' page answers " + answer.statusCode());
    }
    List<Sight> nodes = new ArrayList<>();
    for (JsonNode node : JSON.readTree(answer.body()).path("nodes")) {
      nodes.add(
          new Sight(
              node.path("id").asString(""),
              node.path("health").asString(""),
              node.path("takesWork").asBoolean(false)));
    }
    return nodes;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
