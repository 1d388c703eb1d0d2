package io.spillway.bench.incident;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The test plays both the node and Redis. */
class RedisDoorTest {
  private static final String PING = "*1\r\n$4\r\nPING\r\n";
  private static final String PUBLISH = "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$1\r\nm\r\n";
  private static final String SUBSCRIBE = "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n";

  private ServerSocket redis;
  private RedisDoor door;

  @BeforeEach
  void open() throws IOException {
    redis = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    door = new RedisDoor("127.0.0.1:" + redis.getLocalPort());
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    redis.close();
  }

  /** One connection, seen from both ends. */
  private record Line(Socket node, Socket redis) implements AutoCloseable {
    void nodeSays(String text) throws IOException {
      node.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    void redisSays(String text) throws IOException {
      redis.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    void redisHears(String text) throws IOException {
      assertThat(read(redis, text.length())).isEqualTo(text);
    }

    void nodeHears(String text) throws IOException {
      assertThat(read(node, text.length())).isEqualTo(text);
    }

    @Override
    public void close() throws IOException {
      node.close();
      redis.close();
    }
  }

  private Line line() throws IOException {
    Socket node = new Socket(InetAddress.getLoopbackAddress(), port());
    Socket there = redis.accept();
    node.setSoTimeout(300);
    there.setSoTimeout(300);
    return new Line(node, there);
  }

  private int port() {
    return Integer.parseInt(door.address().replaceAll(".*:", ""));
  }

  /** What comes within a moment, at most so many characters. */
  private static String read(Socket from, int length) throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = from.getInputStream();
    try {
      while (text.length() < length) {
        int c = in.read();
        if (c < 0) {
          break;
        }
        text.append((char) c);
      }
    } catch (SocketTimeoutException nothingMore) {
      return text.toString();
    }
    return text.toString();
  }

  @Test
  void publishesGoToNobodyAndAllElsePasses() throws IOException {
    try (Line line = line()) {
      line.nodeSays(PUBLISH);
      line.redisHears(PUBLISH);
      door.wedge(RedisDoor.Swallowed.PUBLISHES);
      line.nodeSays(PUBLISH + PING);
      line.redisHears(PUBLISH.replace("\nc\r", "\n!\r") + PING);
      line.redisSays(":0\r\n");
      line.nodeHears(":0\r\n");
    }
  }

  @Test
  void onlyTheConnectionThatSubscribedFallsSilent() throws IOException {
    try (Line ears = line();
        Line mouth = line()) {
      ears.nodeSays(SUBSCRIBE);
      ears.redisHears(SUBSCRIBE);
      door.wedge(RedisDoor.Swallowed.MESSAGES);
      ears.redisSays("message");
      mouth.redisSays("+PONG");
      mouth.nodeHears("+PONG");
      assertThat(read(ears.node(), 1)).isEmpty();
    }
  }

  @Test
  void oneDirectionIsSwallowedAndTheOtherIsNot() throws IOException {
    try (Line line = line()) {
      door.wedge(RedisDoor.Swallowed.ALL_TO_REDIS);
      line.nodeSays(PING);
      line.redisSays("+OK");
      line.nodeHears("+OK");
      assertThat(read(line.redis(), 1)).isEmpty();
      door.wedge(RedisDoor.Swallowed.ALL_FROM_REDIS);
      line.nodeSays(PING);
      line.redisHears(PING);
      line.redisSays("+OK");
      assertThat(read(line.node(), 1)).isEmpty();
    }
  }

  @Test
  void whatIsWedgedStaysSoAndWhatComesAfterTheReleasePasses() throws IOException {
    try (Line old = line()) {
      door.wedge(RedisDoor.Swallowed.ALL_TO_REDIS);
      try (Line during = line()) {
        door.release();
        try (Line after = line()) {
          old.nodeSays(PING);
          during.nodeSays(PING);
          after.nodeSays(PING);
          after.redisHears(PING);
          assertThat(read(old.redis(), 1)).isEmpty();
          assertThat(read(during.redis(), 1)).isEmpty();
        }
      }
    }
  }
}
