package io.spillway.controller.webhook;

import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenSigner;
import io.spillway.store.outbox.Delivery;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

  /** The whole exchange has the time-out: HttpRequest's own ends with the answer's head. */
  private Answer send(HttpRequest request) throws InterruptedException {
    CompletableFuture<HttpResponse<String>> exchange =
        http.sendAsync(request, head -> new BodyGlance());
    try {
      HttpResponse<String> response = exchange.get(answerWithin.toNanos(), TimeUnit.NANOSECONDS);
      int status = response.statusCode();
      return status >= 200 && status < 300
          ? new Answer.Taken()
          : new Answer.Refused(status, response.body());
    } catch (TimeoutException late) {
      return new Answer.Silent("no answer within " + answerWithin.toSeconds() + " s");
    } catch (ExecutionException failed) {
      return new Answer.Silent(reason(failed));
    } finally {
      exchange.cancel(true); // of no effect when it is done
    }
  }

  private static String reason(ExecutionException failed) {
    Throwable cause = failed.getCause() instanceof IOException broken ? broken : failed;
    String text = cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return cause.getClass().getSimpleName() + text;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
