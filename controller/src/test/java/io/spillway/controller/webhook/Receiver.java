package io.spillway.controller.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.livekit.server.WebhookReceiver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import livekit.LivekitWebhook.WebhookEvent;

/** Somebody's webhook receiver: LiveKit's Java SDK verifies what comes. */
final class Receiver implements AutoCloseable {
  private final WebhookReceiver sdk;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch patience = new CountDownLatch(1);
  private final HttpServer server;
  private volatile int status = 200;
  private volatile boolean silent;

  /** What came, and what it was answered. */
  record Seen(WebhookEvent event, String contentType, String sequence, String attempt, int status) {
    String line() {
      return event.getEgressInfo().getEgressId() + " " + event.getEvent();
    }
  }

  Receiver(String key, String secret, int port) throws IOException {
    this.sdk = new WebhookReceiver(key, secret);
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/hook", this::receive);
    server.start();
  }

  private void receive(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    int answer = status;
    try {
      WebhookEvent event = sdk.receive(body, token, true);
      seen.add(
          new Seen(
              event,
              exchange.getRequestHeaders().getFirst("Content-Type"),
              exchange.getRequestHeaders().getFirst("Spillway-Sequence"),
              exchange.getRequestHeaders().getFirst("Spillway-Attempt"),
              answer));
    } catch (RuntimeException forged) {
      answer = 403;
    }
    if (silent) {
      try {
        patience.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
    byte[] text = "thanks".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  void answer(int newStatus) {
    status = newStatus;
  }

  /** Takes connections and answers none from now on. */
  void fallSilent() {
    silent = true;
  }

  void speakAgain() {
    silent = false;
  }

  List<Seen> seen() {
    return seen;
  }

  /** Those that were answered with 200. */
  List<Seen> taken() {
    return seen.stream().filter(one -> one.status() == 200).toList();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/hook";
  }

  @Override
  public void close() {
    patience.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
