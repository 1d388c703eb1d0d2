package io.spillway.store.sql;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a local port that can be shut: present connections end, new ones end at once. */
final class DoorTo implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> passing = ConcurrentHashMap.newKeySet();
  private volatile boolean shut;

  DoorTo(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void shut() throws IOException {
    shut = true;
    for (Socket socket : passing) {
      socket.close();
    }
    passing.clear();
  }

  void open() {
    shut = false;
  }

  private void accept() {
    boolean isOpen = true;
    while (isOpen) {
      isOpen = acceptOne();
    }
  }

  private boolean acceptOne() {
    try {
      Socket near = listener.accept();
      passing.add(near);
      if (shut) {
        near.close();
      } else {
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        passing.add(far);
        Thread.ofVirtual().start(() -> copy(near, far));
        Thread.ofVirtual().start(() -> copy(far, near));
      }
      return true;
    } catch (IOException ended) {
      return !listener.isClosed();
    }
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException ended) {
      passing.remove(from);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    shut();
  }
}
