package io.spillway.bench.incident;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way from one node to Redis, on a port of its own: passes everything on, or swallows a part of
 * it without a word and without closing anything. A connection that once was wedged stays so for
 * ever, as a broken client does; only one that is made after {@link #release} passes again. Two
 * virtual threads per connection; all end with {@link #close}.
 */
final class RedisDoor implements AutoCloseable {
  private static final Set<String> SUBSCRIBES = Set.of("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE");
  private static final int CHUNK = 16 << 10;

  /** What is swallowed. */
  enum Swallowed {
    NOTHING,
    PUBLISHES,
    MESSAGES,
    ALL_TO_REDIS,
    ALL_FROM_REDIS
  }

  private final String host;
  private final int port;
  private final ServerSocket front;
  private final Set<Way> ways = ConcurrentHashMap.newKeySet();
  private final Object change = new Object();
  private Swallowed newcomers = Swallowed.NOTHING;

  /** Stands before {@code redis}, {@code host:port}. */
  RedisDoor(String redis) throws IOException {
    int colon = redis.lastIndexOf(':');
    this.host = redis.substring(0, colon);
    this.port = Integer.parseInt(redis.substring(colon + 1));
    this.front = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("door-accept").start(this::accept);
  }

  /** Where the node finds it. */
  String address() {
    return "127.0.0.1:" + front.getLocalPort();
  }

  /** Swallows on all connections there are, and on those to come until {@link #release}. */
  void wedge(Swallowed what) {
    synchronized (change) {
      newcomers = what;
      ways.forEach(way -> way.swallowed = what);
    }
  }

  /** New connections pass from now on; those that are wedged stay it. */
  void release() {
    synchronized (change) {
      newcomers = Swallowed.NOTHING;
    }
  }

  private void accept() {
    while (!front.isClosed()) {
      try {
        open(front.accept());
      } catch (IOException closed) {
        return; // only close() closes it
      }
    }
  }

  private void open(Socket node) {
    // Under the lock, so that no wedge or release comes between the connection and its state.
    synchronized (change) {
      try {
        Socket redis = new Socket(host, port);
        node.setTcpNoDelay(true);
        redis.setTcpNoDelay(true);
        Way way = new Way(node, redis, newcomers);
        ways.add(way);
        Thread.ofVirtual().name("door-to-redis").start(() -> way.run(way::toRedis));
        Thread.ofVirtual().name("door-from-redis").start(() -> way.run(way::fromRedis));
      } catch (IOException noRedis) {
        shut(node);
      }
    }
  }

  /** One connection and its other half. */
  private final class Way {
    private final Socket node;
    private final Socket redis;
    private volatile Swallowed swallowed;
    private volatile boolean subscribes;

    Way(Socket node, Socket redis, Swallowed swallowed) {
      this.node = node;
      this.redis = redis;
      this.swallowed = swallowed;
    }

    private interface Pump {
      void run() throws IOException;
    }

    void run(Pump pump) {
      try {
        pump.run();
      } catch (IOException | IllegalArgumentException over) {
        // One half is gone, or speaks what Redis doesn't: the other half learns it by the end
        // below.
      } finally {
        shut(node);
        shut(redis);
        ways.remove(this);
      }
    }

    void toRedis() throws IOException {
      InputStream in = node.getInputStream();
      OutputStream out = redis.getOutputStream();
      RedisCommands commands = new RedisCommands();
      byte[] chunk = new byte[CHUNK];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        commands.feed(chunk, read);
        for (var next = commands.next(); next.isPresent(); next = commands.next()) {
          Optional<byte[]> passed = passed(next.get());
          if (passed.isPresent()) {
            out.write(passed.get());
          }
        }
        out.flush();
      }
    }

    private Optional<byte[]> passed(RedisCommands.Command command) {
      subscribes |= SUBSCRIBES.contains(command.name());
      return switch (swallowed) {
        case NOTHING, MESSAGES, ALL_FROM_REDIS -> Optional.of(command.bytes());
        case PUBLISHES ->
            Optional.of(command.name().equals("PUBLISH") ? command.toNobody() : command.bytes());
        case ALL_TO_REDIS -> Optional.empty();
      };
    }

    void fromRedis() throws IOException {
      InputStream in = redis.getInputStream();
      OutputStream out = node.getOutputStream();
      byte[] chunk = new byte[CHUNK];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        boolean passes =
            switch (swallowed) {
              case NOTHING, PUBLISHES, ALL_TO_REDIS -> true;
              case MESSAGES -> !subscribes;
              case ALL_FROM_REDIS -> false;
            };
        if (passes) {
          out.write(chunk, 0, read);
          out.flush();
        }
      }
    }
  }

  private static void shut(Socket socket) {
    try {
      socket.close();
    } catch (IOException closing) {
      throw new UncheckedIOException(closing);
    }
  }

  @Override
  public void close() {
    try {
      front.close();
    } catch (IOException closing) {
      throw new UncheckedIOException(closing);
    }
    for (Way way : ways) {
      shut(way.node);
      shut(way.redis);
    }
  }
}
