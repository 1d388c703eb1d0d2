package io.spillway.controller.dispatch;

import com.google.protobuf.MessageLite;
import io.spillway.core.http.WholeExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Calls livekit-server's RoomService over HTTP (Twirp, protobuf). Thread-safe. */
final class RoomService implements AutoCloseable {
  private static final Duration CONNECT_WAIT = Duration.ofSeconds(2);

  /** From the connection to the end of the answer: what is asked ends, whatever the server does. */
  private static final Duration ANSWER_WAIT = Duration.ofSeconds(5);

  private static final int TRIES = 2;
  private static final int LONGEST_QUOTE = 200;

  private final URI methods;
  private final HttpClient http;

  /** Nothing is sent before the first call. */
  RoomService(URI server) {
    this.methods = httpAddress(server);
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_WAIT)
            .build();
  }

  private static URI httpAddress(URI server) {
    String address = server.toString();
    if (address.startsWith("ws")) {
      address = "http" + address.substring(2);
    }
    while (address.endsWith("/")) {
      address = address.substring(0, address.length() - 1);
    }
    return URI.create(address + "/twirp/livekit.RoomService/");
  }

  /** Where the server is, for people. */
  URI server() {
    return methods.resolve("/");
  }

  /**
   * The answer's bytes. Blocks for {@link #ANSWER_WAIT} per try at most.
   *
   * @throws IOException in words, when there is no answer or another one than 200
   */
  byte[] call(String method, String token, MessageLite request)
      throws IOException, InterruptedException {
    HttpRequest post =
        HttpRequest.newBuilder(methods.resolve(method))
            .header("Content-Type", "application/protobuf")
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.toByteArray()))
            .build();
    for (int attempt = 1; ; attempt++) {
      try {
        return bodyOf(
            WholeExchange.send(http, post, HttpResponse.BodyHandlers.ofByteArray(), ANSWER_WAIT));
      } catch (Refusal refused) {
        throw refused;
      } catch (IOException failure) {
        // The JDK doesn't repeat a POST on a pooled connection that the server has closed.
        if (attempt == TRIES || failure instanceof HttpTimeoutException) {
          throw new IOException(WholeExchange.inWords(failure), failure);
        }
      }
    }
  }

  private static byte[] bodyOf(HttpResponse<byte[]> answer) throws Refusal {
    if (answer.statusCode() != 200) {
      String text = new String(answer.body(), StandardCharsets.UTF_8);
      throw new Refusal(
          "status %d, %s"
              .formatted(
                  answer.statusCode(), text.substring(0, Math.min(text.length(), LONGEST_QUOTE))));
    }
    return answer.body();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  /** An answer that says no: asking again changes nothing. */
  private static final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    Refusal(String text) {
      super(text);
    }
  }
}
