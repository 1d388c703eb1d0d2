package io.spillway.core.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends a request and waits for the whole answer. {@link HttpRequest.Builder#timeout} ends with the
 * answer's head (until JDK 26, JDK-8208693): a server that stalls in the body would hold its caller
 * for ever.
 */
public final class WholeExchange {
  private WholeExchange() {}

  /**
   * Blocks until the answer is whole, at most {@code within}.
   *
   * @throws HttpTimeoutException when it wasn't whole in time; the exchange is given up
   * @throws IOException when it failed
   */
  public static <T> HttpResponse<T> send(
      HttpClient http, HttpRequest request, HttpResponse.BodyHandler<T> body, Duration within)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> exchange = http.sendAsync(request, body);
    try {
      return exchange.get(within.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new HttpTimeoutException("no whole answer within " + within.toMillis() + " ms");
    } catch (ExecutionException failed) {
      throw cause(failed);
    } finally {
      exchange.cancel(true); // of no effect when it is done
    }
  }

  /** A failure in words: the JDK's often have no message. */
  public static String inWords(IOException failure) {
    String message = failure.getMessage();
    return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  /** What the blocking client would throw; what isn't of that kind is wrapped. */
  private static IOException cause(ExecutionException failed) {
    return failed.getCause() instanceof IOException known
        ? known
        : new IOException(String.valueOf(failed.getCause()), failed);
  }
}
