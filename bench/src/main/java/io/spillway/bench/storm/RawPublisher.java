package io.spillway.bench.storm;

import io.spillway.core.time.TimeSource;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A bare connection to Redis that publishes in pipelines and hears how many subscribers each
 * message was given to: the only way to know what a client was really told. What can't be sent or
 * is not answered for is forgotten. Thread-safe; {@link #publish} never waits.
 */
final class RawPublisher implements AutoCloseable {
  private static final int MOST_WAITING = 50_000;

  /** Says nothing: the writer looks whether its connection still lives. */
  private static final Message WAKE =
      new Message("", new byte[0], (receivers, sent, replied) -> {});

  private final int port;
  private final TimeSource time;
  private final BlockingQueue<Message> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread writer;
  private final CountDownLatch over = new CountDownLatch(1);

  /** Hears of one message, on a thread of the publisher's. */
  @FunctionalInterface
  interface Reply {
    /** Redis gave it to so many subscribers, some time between these two moments. */
    void published(long receivers, long sentAtNanos, long repliedAtNanos);
  }

  @SuppressWarnings("ArrayRecordComponent") // carried once through a queue, never compared
  private record Message(String channel, byte[] payload, Reply reply) {}

  private record Sent(long atNanos, Reply reply) {}

  /** A connection and what Redis has yet to answer on it, in order. */
  private record Link(
      Socket socket, OutputStream out, Queue<Sent> unanswered, AtomicBoolean gone) {}

  RawPublisher(String redis, TimeSource time) {
    this.port = Integer.parseInt(redis.substring(redis.lastIndexOf(':') + 1));
    this.time = time;
    this.writer = Thread.ofPlatform().name("storm-writer").daemon(true).start(this::write);
  }

  /** Sends it as soon as it can; drops it when too many wait. */
  void publish(String channel, byte[] payload, Reply reply) {
    boolean _ = waiting.offer(new Message(channel, payload, reply));
  }

  private void write() {
    while (over.getCount() > 0) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        Link link =
            new Link(
                socket,
                new BufferedOutputStream(socket.getOutputStream(), 1 << 16),
                new ConcurrentLinkedQueue<>(),
                new AtomicBoolean());
        var _ = Thread.ofPlatform().name("storm-replies").daemon(true).start(() -> read(link));
        writeTo(link);
      } catch (IOException gone) {
        waiting.clear(); // Redis is away: what waits would come too late anyway
        if (!aMoment()) {
          return;
        }
      } catch (InterruptedException stopping) {
        return; // only close() interrupts
      }
    }
  }

  private void writeTo(Link link) throws IOException, InterruptedException {
    while (over.getCount() > 0 && !link.gone.get()) {
      Message message = waiting.poll();
      if (message == null) {
        link.out.flush();
        message = waiting.take();
      }
      if (message.channel.isEmpty()) {
        continue;
      }
      byte[] channel = message.channel.getBytes(StandardCharsets.UTF_8);
      link.unanswered.add(new Sent(time.nanos(), message.reply));
      String head = "*3\r\n$7\r\nPUBLISH\r\n$" + channel.length + "\r\n";
      link.out.write(head.getBytes(StandardCharsets.US_ASCII));
      link.out.write(channel);
      String size = "\r\n$" + message.payload.length + "\r\n";
      link.out.write(size.getBytes(StandardCharsets.US_ASCII));
      link.out.write(message.payload);
      link.out.write(new byte[] {'\r', '\n'});
    }
  }

  /** Before another connection is tried; false when it is over. */
  private boolean aMoment() {
    try {
      return !over.await(20, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopping) {
      return false;
    }
  }

  /** Each answer is one line: a colon and the number of receivers, or an error. */
  private void read(Link link) {
    try (Socket socket = link.socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '\n') {
          answered(link, line.toString().strip());
          line.setLength(0);
        } else {
          line.append((char) c);
        }
      }
    } catch (IOException gone) {
      // Told below.
    } finally {
      // A writer that only found out by writing would lose the first message after a restart.
      link.gone.set(true);
      boolean _ = waiting.offer(WAKE);
    }
  }

  private void answered(Link link, String line) {
    Sent sent = link.unanswered.poll();
    if (sent != null && line.startsWith(":")) {
      sent.reply.published(Long.parseLong(line.substring(1)), sent.atNanos, time.nanos());
    }
  }

  @Override
  public void close() {
    over.countDown();
    writer.interrupt();
  }
}
