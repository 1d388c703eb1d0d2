package io.spillway.rtc.signal;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;

/**
 * Signalling over the JDK's WebSocket client. One HTTP client serves all connections of a process:
 * a connection costs no thread.
 */
public final class WebSocketSignalling implements Signalling {
  private final HttpClient http;
  private final Duration connectTimeout;

  /** Connections not opened within {@code connectTimeout} are given up. */
  public WebSocketSignalling(HttpClient http, Duration connectTimeout) {
    this.http = http;
    this.connectTimeout = connectTimeout;
  }

  @Override
  public Link open(URI address, String token, Listener listener) {
    WebSocketLink link = new WebSocketLink(listener);
    WebSocket.Builder builder =
        http.newWebSocketBuilder()
            .connectTimeout(connectTimeout)
            .header("Authorization", "Bearer " + token);
    var _ =
        builder
            .buildAsync(address, link)
            .whenComplete((_, failure) -> {
              if (failure != null) {
                link.notOpened(failure);
              }
            });
    return link;
  }
}
