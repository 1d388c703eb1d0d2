package io.spillway.node.fleet;

import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.http.WholeExchange;
import io.spillway.core.token.TokenSigner;
import io.spillway.protocol.fleet.LeaseAnswer;
import io.spillway.rpc.fleet.LeaseMessages;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * A controller over HTTP: a way that shares no wire with psrpc, so that a broken Redis can be told
 * from a broken node.
 */
public final class HttpLeaseTarget implements LeaseTarget, AutoCloseable {
  /** Two of them fit into the time after which a lease counts as late. */
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(1500);

  private final URI address;
  private final TokenSigner tokens;
  private final HttpClient http;

  /**
   * Sends nothing before the first lease.
   *
   * @param controller its API's address, {@code http(s)://host:port}
   */
  public HttpLeaseTarget(URI controller, TokenSigner tokens) {
    String base = controller.toString();
    this.address =
        URI.create(
            (base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
                + LeaseMessages.PATH);
    this.tokens = tokens;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER_WITHIN)
            .build();
  }

  @Override
  public List<LeaseOrder> renew(Lease lease) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", LeaseMessages.CONTENT_TYPE)
            .header("Authorization", "Bearer " + tokens.fleet())
            .POST(HttpRequest.BodyPublishers.ofByteArray(LeaseMessages.report(lease).toByteArray()))
            .build();
    try {
      HttpResponse<byte[]> answer =
          WholeExchange.send(http, request, HttpResponse.BodyHandlers.ofByteArray(), ANSWER_WITHIN);
      if (answer.statusCode() != 200) {
        throw new LeaseException(
            "controller %s did not take the lease: %s"
                .formatted(address, WholeExchange.inWords(answer)));
      }
      return LeaseMessages.orders(LeaseAnswer.parseFrom(answer.body()));
    } catch (IOException failure) {
      throw new LeaseException(
          "controller " + address + " did not take the lease: " + WholeExchange.inWords(failure),
          failure);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
