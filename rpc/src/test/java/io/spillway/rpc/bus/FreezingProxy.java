package io.spillway.rpc.bus;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Between a bus and Redis: can make connections half-open, so that nothing comes or breaks. */
final class FreezingProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final List<Pair> pairs = new CopyOnWriteArrayList<>();

  FreezingProxy(int target) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  private static final class Pair {
    final Socket near;
    final Socket far;
    volatile boolean frozen;
    volatile boolean subscribes;

    Pair(Socket near, Socket far) {
      this.near = near;
      this.far = far;
    }
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** From now on these connections carry nothing; new ones do. */
  void freeze(boolean onlySubscribing) {
    pairs.stream()
        .filter(pair -> pair.subscribes || !onlySubscribing)
        .forEach(pair -> pair.frozen = true);
  }

  private void accept() {
    try {
      while (true) {
        Socket near = server.accept();
        Pair pair = new Pair(near, new Socket(InetAddress.getLoopbackAddress(), target));
        pairs.add(pair);
        Thread.ofVirtual().start(() -> pump(pair, pair.near, pair.far));
        Thread.ofVirtual().start(() -> pump(pair, pair.far, pair.near));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void pump(Pair pair, Socket from, Socket to) {
    byte[] buffer = new byte[65_536];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains("\nSUBSCRIBE")) {
          pair.subscribes = true;
        }
        if (!pair.frozen) {
          out.write(buffer, 0, n);
        }
      }
    } catch (IOException broken) {
      // One side is gone: the other is closed with it.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Pair pair : pairs) {
      pair.near.close();
      pair.far.close();
    }
  }
}
