package io.spillway.store.sql;

import io.spillway.core.time.TimeSource;
import io.spillway.storage.FreeDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Room that is kept for the store on a disk that others fill: a file that is deleted when a write
 * finds the disk full, so that the ends of the recordings that filled it can still be stored, and
 * made again when there is room. Used by the writer's thread only.
 */
final class DiskReserve {
  static final int BYTES = 8 << 20;

  /** Made again only with this much more: else it would fill the disk itself. */
  static final long ROOM_TO_RESTORE = 4L * BYTES;

  static final Duration RESTORE_EVERY = Duration.ofSeconds(30);

  private static final int CHUNK = 1 << 16;
  private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);

  private final Path folder;
  private final Path file;
  private final FreeDisk disk;
  private final TimeSource time;
  private boolean held;
  private long restoreAtNanos;

  /** The reserve of a data folder; its file {@code reserve} is made by {@link #restoreIfDue}. */
  DiskReserve(Path dataFolder, FreeDisk disk, TimeSource time) {
    this.folder = dataFolder;
    this.file = dataFolder.resolve("reserve");
    this.disk = disk;
    this.time = time;
    this.restoreAtNanos = time.nanos();
  }

  /**
   * Whether the failure may be a full disk's. SQLite says FULL when a write found no room, but
   * IOERR when the shared memory file or a sync did; giving the reserve up for another I/O error
   * costs nothing, it comes back.
   */
  static boolean isForFullDisk(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        int primary = sqlite.getResultCode().code & 0xff;
        return primary == SQLiteErrorCode.SQLITE_FULL.code
            || primary == SQLiteErrorCode.SQLITE_IOERR.code;
      }
    }
    return false;
  }

  /** Gives the room back to the disk; false when there was none to give. */
  boolean release() {
    if (!held) {
      return false;
    }
    held = false;
    restoreAtNanos = time.nanos() + RESTORE_EVERY.toNanos();
    try {
      boolean deleted = Files.deleteIfExists(file);
      LOG.atError()
          .addKeyValue("file", file)
          .addKeyValue("bytes", BYTES)
          .log("disk full: the store gives up its reserve and writes again");
      return deleted;
    } catch (IOException failure) {
      LOG.atError().addKeyValue("file", file).setCause(failure).log("reserve can't be deleted");
      return false;
    }
  }

  /** Makes the reserve when there is none, room for it, and some time since the last look. */
  void restoreIfDue() {
    if (held || time.nanos() < restoreAtNanos) {
      return;
    }
    restoreAtNanos = time.nanos() + RESTORE_EVERY.toNanos();
    try {
      if (Files.exists(file) && Files.size(file) == BYTES) {
        held = true; // of an earlier process
      } else if (disk.usableBytes(folder) >= ROOM_TO_RESTORE) {
        fill();
        held = true;
      } else {
        LOG.atWarn().addKeyValue("file", file).log("no room for the store's reserve yet");
      }
    } catch (IOException failure) {
      LOG.atWarn().addKeyValue("file", file).setCause(failure).log("no reserve for the store");
      deleteQuietly();
    }
  }

  /** Real blocks: a hole, or zeros that a file system squeezes, would reserve nothing. */
  private void fill() throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      long noise = 1;
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
      for (int written = 0; written < BYTES; written += CHUNK) {
        chunk.clear();
        while (chunk.hasRemaining()) {
          noise = noise * 6364136223846793005L + 1442695040888963407L; // Knuth's LCG, MMIX
          chunk.putLong(noise);
        }
        chunk.flip();
        while (chunk.hasRemaining()) {
          var _ = channel.write(chunk);
        }
      }
      channel.force(true);
    }
  }

  private void deleteQuietly() {
    try {
      var _ = Files.deleteIfExists(file);
    } catch (IOException stays) {
      LOG.atWarn().addKeyValue("file", file).setCause(stays).log("half a reserve stays");
    }
  }
}
