package io.spillway.core.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class WholeExchangeTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";

  private final HttpClient http = HttpClient.newHttpClient();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    http.shutdownNow();
    server.close();
  }

  @Test
  void aWholeAnswerIsGivenBack() throws Exception {
    answers(HEAD + "0123456789");
    assertThat(send(Duration.ofSeconds(10))).isEqualTo("0123456789");
  }

  /** With the request's own time-out this would wait for ever. */
  @Test
  @Timeout(20)
  void anAnswerThatStallsInItsBodyIsGivenUp() {
    answers(HEAD + "01234");
    assertThatThrownBy(() -> send(Duration.ofMillis(300)))
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessageContaining("300 ms");
  }

  @Test
  void aRefusedConnectionIsTheFailureItIs() throws IOException {
    server.close();
    assertThatThrownBy(() -> send(Duration.ofSeconds(10))).isInstanceOf(ConnectException.class);
  }

  private String send(Duration within) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"))
            .timeout(Duration.ofSeconds(10))
            .build();
    return WholeExchange.send(http, request, BodyHandlers.ofString(), within).body();
  }

  /** One connection gets this and is then left open. */
  private void answers(String text) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            Socket connection = server.accept();
            connection.getInputStream().read(new byte[4096]);
            connection.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
          } catch (IOException over) {
            // the test is over
          }
        });
  }
}
