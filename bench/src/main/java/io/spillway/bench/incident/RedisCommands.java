package io.spillway.bench.incident;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Cuts what a client sends to Redis into commands (RESP: arrays of bulk strings, Redis protocol
 * specification). Not thread-safe.
 */
final class RedisCommands {
  /** A command this long is none that anybody of ours sends. */
  private static final int LONGEST = 64 << 20;

  private byte[] buffer = new byte[8 << 10];
  private int filled;

  /**
   * One command as it came.
   *
   * @param bytes all of it
   * @param firstArgument where the argument after the name begins; 0 without one
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Command(String name, byte[] bytes, int firstArgument) {
    /**
     * The same to a channel that nobody listens to: Redis answers "0 receivers", in its order, and
     * the message is lost.
     */
    byte[] toNobody() {
      byte[] lost = bytes.clone();
      if (firstArgument > 0) {
        lost[firstArgument] = '!';
      }
      return lost;
    }
  }

  /** Takes bytes in. */
  void feed(byte[] data, int length) {
    if (filled + length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, filled + length));
    }
    System.arraycopy(data, 0, buffer, filled, length);
    filled += length;
  }

  /**
   * The next whole command.
   *
   * @throws IllegalArgumentException when it isn't one
   */
  Optional<Command> next() {
    int at = lineEnd(0);
    if (at < 0) {
      return Optional.empty();
    }
    int parts = number('*', 0, at);
    String name = "";
    int firstArgument = 0;
    for (int part = 0; part < parts; part++) {
      int end = lineEnd(at);
      if (end < 0) {
        return Optional.empty();
      }
      int length = number('$', at, end);
      if (length < 0 || end + length + 2 > filled) {
        return Optional.empty();
      }
      if (part == 0) {
        name = new String(buffer, end, length, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
      } else if (part == 1) {
        firstArgument = end;
      }
      at = end + length + 2;
    }
    Command command = new Command(name, Arrays.copyOf(buffer, at), firstArgument);
    System.arraycopy(buffer, at, buffer, 0, filled - at);
    filled -= at;
    return Optional.of(command);
  }

  /** Where the line that begins at {@code from} is over, its CRLF included; -1: not yet. */
  private int lineEnd(int from) {
    for (int i = from; i + 1 < filled; i++) {
      if (buffer[i] == '\r' && buffer[i + 1] == '\n') {
        return i + 2;
      }
    }
    return -1;
  }

  private int number(char kind, int from, int end) {
    String line = new String(buffer, from, end - 2 - from, StandardCharsets.US_ASCII);
    if (line.isEmpty() || line.charAt(0) != kind || !line.substring(1).matches("\\d{1,9}")) {
      throw new IllegalArgumentException("not a Redis command: " + line);
    }
    int number = Integer.parseInt(line.substring(1));
    if (number > LONGEST) {
      throw new IllegalArgumentException("a Redis command too long: " + line);
    }
    return number;
  }
}
