package io.spillway.controller.webhook;

import io.spillway.core.http.WholeExchange;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenSigner;
import io.spillway.store.outbox.Delivery;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;

/**
 * Posts webhooks over HTTP as livekit-server does: the token bare in {@code Authorization}, signed
 * anew each time because it is valid for five minutes. Beside that, {@code Spillway-Sequence} and
 * {@code Spillway-Attempt} tell the event's place among its egress's events and how often it was
 * tried.
 */
final class HttpPoster implements Poster, AutoCloseable {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  /** Receivers may admit by it: LiveKit's word comes first. */
  private static final String USER_AGENT = "LiveKit Spillway";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_WITHIN)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final ApiKeys keys;
  private final Duration answerWithin;
  private final TimeSource time;

  HttpPoster(ApiKeys keys, Duration answerWithin, TimeSource time) {
    this.keys = keys;
    this.answerWithin = answerWithin;
    this.time = time;
  }

  @Override
  public Answer post(Delivery delivery) throws InterruptedException {
    Optional<ApiKey> key = keys.find(delivery.target().apiKey());
    if (key.isEmpty()) {
      return new Answer.Silent(
          "not sent: there is no API key %s here to sign it".formatted(delivery.target().apiKey()));
    }
    HttpRequest request;
    try {
      request = request(delivery, key.get());
    } catch (IllegalArgumentException noAddress) {
      return new Answer.Silent("not sent: " + noAddress.getMessage());
    }
    return send(request);
  }

  private HttpRequest request(Delivery delivery, ApiKey key) {
    byte[] body = WebhookBody.of(delivery.event());
    return HttpRequest.newBuilder(URI.create(delivery.target().url()))
        .header("Authorization", new TokenSigner(key, time).webhook(body))
        .header("Content-Type", "application/webhook+json")
        .header("User-Agent", USER_AGENT)
        .header("Spillway-Sequence", Integer.toString(delivery.event().sequence()))
        .header("Spillway-Attempt", Integer.toString(delivery.attempts() + 1))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  private Answer send(HttpRequest request) throws InterruptedException {
    try {
      HttpResponse<String> response =
          WholeExchange.send(http, request, _ -> new BodyGlance(), answerWithin);
      int status = response.statusCode();
      return status >= 200 && status < 300
          ? new Answer.Taken()
          : new Answer.Refused(status, response.body());
    } catch (HttpConnectTimeoutException unreachable) {
      return new Answer.Silent(WholeExchange.inWords(unreachable));
    } catch (HttpTimeoutException late) {
      return new Answer.Silent("no answer within " + answerWithin.toSeconds() + " s");
    } catch (IOException failed) {
      return new Answer.Silent(WholeExchange.inWords(failed));
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
