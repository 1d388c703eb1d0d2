package io.spillway.rtc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP relay on loopback whose connections can be cut and refused: for signalling faults. */
final class TcpProxy implements AutoCloseable {
  private static final String NOT_FOUND =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

  private final ServerSocket listening;
  private final InetSocketAddress target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean refuse;
  private volatile boolean classicOnly;

  private TcpProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  static TcpProxy to(String url) throws IOException {
    URI address = URI.create(url);
    return new TcpProxy(new InetSocketAddress(address.getHost(), address.getPort()));
  }

  String url() {
    return "ws://127.0.0.1:" + listening.getLocalPort();
  }

  /** Breaks every connection that is open now. */
  void cut() {
    open.forEach(TcpProxy::close);
    open.clear();
  }

  /** Whether {@code /rtc/v1} isn't found, as on an older server. */
  void classicOnly(boolean on) {
    classicOnly = on;
  }

  /** Whether new connections are closed at once. */
  void refuse(boolean on) {
    refuse = on;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        if (refuse) {
          close(client);
          continue;
        }
        Socket server = new Socket(target.getAddress(), target.getPort());
        open.add(client);
        open.add(server);
        Thread.ofVirtual().start(() -> toServer(client, server));
        Thread.ofVirtual().start(() -> copy(server, client));
      } catch (IOException endOfOne) {
        // the target is away, or we are closed: the loop's condition tells
      }
    }
  }

  private void toServer(Socket client, Socket server) {
    try {
      byte[] first = new byte[1 << 16];
      int length = client.getInputStream().read(first);
      String request = new String(first, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
      if (classicOnly && request.startsWith("GET /rtc/v1")) {
        client.getOutputStream().write(NOT_FOUND.getBytes(StandardCharsets.ISO_8859_1));
        close(client);
        close(server);
        return;
      }
      server.getOutputStream().write(first, 0, Math.max(0, length));
    } catch (IOException cut) {
      close(client);
    }
    copy(client, server);
  }

  private static void copy(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException cut) {
      // both ends are closed below
    } finally {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException already) {
      // nothing is left to do
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
