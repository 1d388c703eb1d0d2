package io.spillway.controller.alert;

import io.spillway.controller.request.Redaction;
import io.spillway.core.http.WholeExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** Posts JSON to an address within five seconds; follows no redirects. Thread-safe. */
final class AlertPoster implements AutoCloseable {
  private static final Duration WAIT = Duration.ofSeconds(5);

  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(WAIT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** Empty when it was taken with a 2xx, else why not, without the address's secrets. */
  String post(URI address, byte[] json) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(bare(address))
            .header("Content-Type", "application/json")
            .header("User-Agent", "spillway")
            .POST(BodyPublishers.ofByteArray(json));
    if (address.getUserInfo() != null) {
      byte[] user = address.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
    }
    try {
      HttpResponse<Void> answer =
          WholeExchange.send(http, request.build(), BodyHandlers.discarding(), WAIT);
      int status = answer.statusCode();
      return status / 100 == 2 ? "" : shown(address) + " answered HTTP " + status;
    } catch (IOException silent) {
      return shown(address) + " could not be reached: " + silent;
    }
  }

  /** Java's client wants no user in an address. */
  private static URI bare(URI address) {
    String user = address.getRawUserInfo();
    return user == null ? address : URI.create(address.toString().replace(user + "@", ""));
  }

  private static String shown(URI address) {
    return Redaction.url(address.toString());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
