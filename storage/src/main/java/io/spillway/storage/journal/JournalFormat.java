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
 * it doesn't know and stops at the first frame that isn't whole: a torn tail. Pure.
 */
final class JournalFormat {
  static final int VERSION = 1;

  /** A frame longer than this is damage, not a report. */
  static final int MOST_FRAME_BYTES = 4 << 20;

  private static final int FRAME_HEAD = 8;
  private static final int REPORT_HEAD = 1 + 8 + 4 + 1 + 8 + 4;
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
   */
  record Content(List<JournalRecord> pending, long nextSequence, int wholeBytes) {}

  static ByteBuffer header(long nextSequence) {
    return frame(ByteBuffer.allocate(13).put(HEADER).putInt(VERSION).putLong(nextSequence).array());
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
    return frame(ByteBuffer.allocate(9).put(ACKNOWLEDGED).putLong(sequence).array());
  }

  private static ByteBuffer frame(byte[] payload) {
    return ByteBuffer.allocate(FRAME_HEAD + payload.length)
        .putInt(payload.length)
        .putInt(checksum(payload))
        .put(payload)
        .flip();
  }

  private static int checksum(byte[] payload) {
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
    while (in.remaining() >= FRAME_HEAD) {
      int length = in.getInt();
      int checksum = in.getInt();
      if (length < 1 || length > MOST_FRAME_BYTES || length > in.remaining()) {
        break;
      }
      byte[] payload = new byte[length];
      in.get(payload);
      if (checksum(payload) != checksum) {
        break;
      }
      next = Math.max(next, take(ByteBuffer.wrap(payload), pending));
      whole = in.position();
    }
    return new Content(List.copyOf(pending.values()), next, whole);
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
