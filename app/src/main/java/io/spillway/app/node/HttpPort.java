package io.spillway.app.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A port with a few pages for probes and scrapers, on all interfaces as livekit/egress has it.
 * {@code "/"} answers every path without a page of its own.
 */
final class HttpPort implements AutoCloseable {
  private static final int BACKLOG = 64;

  private final HttpServer server;
  private final ExecutorService threads;

  /** A page as it is now. */
  record Page(int status, String contentType, String body) {
    static Page text(int status, String body) {
      return new Page(status, "text/plain; charset=utf-8", body);
    }
  }

  /**
   * Serves from now on.
   *
   * @param port 0: any free one
   * @param pages by path
   * @throws UncheckedIOException with a {@link java.net.BindException} when the port is taken
   */
  HttpPort(int port, Map<String, Supplier<Page>> pages) {
    try {
      server = HttpServer.create(new InetSocketAddress(port), BACKLOG);
    } catch (IOException taken) {
      throw new UncheckedIOException("port " + port + " can't be served", taken);
    }
    threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    server.setExecutor(threads);
    pages.forEach((path, page) -> server.createContext(path, exchange -> answer(exchange, page)));
    server.start();
  }

  private static void answer(HttpExchange exchange, Supplier<Page> source) throws IOException {
    try (exchange) {
      Page page = source.get();
      byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", page.contentType());
      boolean onlyHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(page.status(), onlyHead ? -1 : body.length);
      if (!onlyHead) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(body);
        }
      }
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
