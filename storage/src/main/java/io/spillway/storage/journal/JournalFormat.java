package io.spillway.storage.journal;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A journal's bytes. Frames, each {@code length (4), CRC-32C of the payload (4), payload}, big
 * endian; a payload begins with its kind. The file begins with a HEADER. A reader skips kinds that
 * it doesn't know. Behind a frame that isn't whole it looks for the next one that is: without one
 * that was a torn tail, else damage. Pure.
 */
final class JournalFormat {
  static final int VERSION = 1;

  /** A frame longer than this is damage, not a report. */
  static final int MOST_FRAME_BYTES = 4 << 20;

  private static final int FRAME_HEAD = 8;
  private static final int REPORT_HEAD = 1 + 8 + 4 + 1 + 8 + 4;
  private static final int HEADER_BYTES = 1 + 4 + 8;
  private static final int ACKNOWLEDGED_BYTES = 1 + 8;
  private static final byte HEADER = 0;
  private static final byte REPORT = 1;
  private static final byte ACKNOWLEDGED = 2;

  private JournalFormat() {}

  /**
   * What a file holds.
   *
   * @param pending reports without acknowledgement, in order
   * @param nextSequence above every sequence ever written
   * @param wholeBytes up to the torn tail
   * @param damagedBytes of these, which are no frame: reports may have been lost with them
   */
  record Content(
      List<JournalRecord> pending, long nextSequence, int wholeBytes, int damagedBytes) {}

  static ByteBuffer header(long nextSequence) {
    return frame(
        ByteBuffer.allocate(HEADER_BYTES)
            .put(HEADER)
            .putInt(VERSION)
            .putLong(nextSequence)
            .array());
  }

  /** How many bytes a report takes in the file, to a few. */
  static int size(JournalRecord record) {
    return FRAME_HEAD + REPORT_HEAD + 3 * record.key().length() + record.bytes().length;
  }

  static ByteBuffer report(JournalRecord record) {
    byte[] key = record.key().getBytes(StandardCharsets.UTF_8);
    ByteBuffer payload =
        ByteBuffer.allocate(REPORT_HEAD + key.length + record.bytes().length)
            .put(REPORT)
            .putLong(record.sequence())
            .putInt(record.epoch())
            .put((byte) (record.last() ? 1 : 0))
            .putLong(record.atUnixNanos())
            .putInt(key.length)
            .put(key)
            .put(record.bytes());
    return frame(payload.array());
  }

  static ByteBuffer acknowledged(long sequence) {
    return frame(
        ByteBuffer.allocate(ACKNOWLEDGED_BYTES).put(ACKNOWLEDGED).putLong(sequence).array());
  }

  private static ByteBuffer frame(byte[] payload) {
    return ByteBuffer.allocate(FRAME_HEAD + payload.length)
        .putInt(payload.length)
        .putInt(checksum(payload))
        .put(payload)
        .flip();
  }

  private static int checksum(byte[] payload) {
    return checksum(ByteBuffer.wrap(payload));
  }

  private static int checksum(ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload);
    return (int) crc.getValue();
  }

  /**
   * Reads a file.
   *
   * @throws IOException when a newer program wrote it
   */
  static Content read(byte[] file) throws IOException {
    Map<Long, JournalRecord> pending = new LinkedHashMap<>();
    ByteBuffer in = ByteBuffer.wrap(file);
    long next = 1;
    int whole = 0;
    int damaged = 0;
    int at = isWhole(in, 0) ? 0 : nextWhole(in, 0);
    while (at < file.length) {
      damaged += at - whole;
      int length = in.getInt(at);
      next = Math.max(next, take(in.slice(at + FRAME_HEAD, length), pending));
      whole = at + FRAME_HEAD + length;
      at = isWhole(in, whole) ? whole : nextWhole(in, whole);
    }
    return new Content(List.copyOf(pending.values()), next, whole, damaged);
  }

  private static boolean isWhole(ByteBuffer in, int at) {
    int room = in.limit() - at - FRAME_HEAD;
    if (room < 1) {
      return false;
    }
    int length = in.getInt(at);
    return length >= 1
        && length <= Math.min(MOST_FRAME_BYTES, room)
        && checksum(in.slice(at + FRAME_HEAD, length)) == in.getInt(at + 4);
  }

  /** Where the next frame of a kind that we know begins; the file's end when there is none. */
  private static int nextWhole(ByteBuffer in, int from) {
    for (int at = from; at < in.limit(); at++) {
      if (looksLikeOurs(in, at) && isWhole(in, at)) {
        return at;
      }
    }
    return in.limit();
  }

  /** Spares most places a checksum over megabytes. */
  private static boolean looksLikeOurs(ByteBuffer in, int at) {
    int room = in.limit() - at - FRAME_HEAD;
    if (room < 1 || in.getInt(at) > room) {
      return false;
    }
    int length = in.getInt(at);
    return switch (in.get(at + FRAME_HEAD)) {
      case HEADER -> length == HEADER_BYTES;
      case ACKNOWLEDGED -> length == ACKNOWLEDGED_BYTES;
      case REPORT -> {
        int keyLength =
            length < REPORT_HEAD ? -1 : in.getInt(at + FRAME_HEAD + REPORT_HEAD - Integer.BYTES);
        yield keyLength >= 0 && keyLength <= length - REPORT_HEAD;
      }
      default -> false; // of a later program, or none
    };
  }

  /** Takes one payload in and tells the lowest sequence that may follow it. */
  private static long take(ByteBuffer payload, Map<Long, JournalRecord> pending)
      throws IOException {
    try {
      return takeWhole(payload, pending);
    } catch (BufferUnderflowException | NegativeArraySizeException misshapen) {
      return 0; // its checksum is right, its shape isn't: not of our making, as an unknown kind
    }
  }

  private static long takeWhole(ByteBuffer payload, Map<Long, JournalRecord> pending)
      throws IOException {
    byte kind = payload.get();
    return switch (kind) {
      case HEADER -> {
        int version = payload.getInt();
        if (version > VERSION) {
          throw new IOException(
              "the status journal has version %d, this program knows up to %d: start the newer one"
                  .formatted(version, VERSION));
        }
        yield payload.getLong();
      }
      case REPORT -> {
        JournalRecord record = readReport(payload);
        pending.put(record.sequence(), record);
        yield record.sequence() + 1;
      }
      case ACKNOWLEDGED -> {
        long sequence = payload.getLong();
        pending.remove(sequence);
        yield sequence + 1;
      }
      default -> 0; // of a later program
    };
  }

  private static JournalRecord readReport(ByteBuffer payload) {
    long sequence = payload.getLong();
    int epoch = payload.getInt();
    boolean last = payload.get() == 1;
    long at = payload.getLong();
    int keyLength = payload.getInt();
    if (keyLength > payload.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] key = new byte[keyLength];
    payload.get(key);
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return new JournalRecord(
        sequence, new String(key, StandardCharsets.UTF_8), epoch, last, at, bytes);
  }
}
