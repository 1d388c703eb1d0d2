package io.spillway.store.sql;

import io.spillway.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a data folder to one process. The kernel drops the lock when the process dies, however it
 * dies, so that there is never a stale one to remove by hand.
 *
 * <p>POSIX drops a process's lock as soon as it closes <em>any</em> descriptor of the file, so a
 * second attempt in this process must fail before it opens the file: hence the set of held folders,
 * the one static state of the module.
 */
final class DataFolderLock implements AutoCloseable {
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private DataFolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /** Takes the lock at once or says who should use what instead. */
  static DataFolderLock take(Path dataFolder) {
    Path folder;
    try {
      folder = Files.createDirectories(dataFolder).toRealPath();
    } catch (IOException failure) {
      throw new StoreException("could not make the data folder " + dataFolder, failure);
    }
    if (!HELD_HERE.add(folder)) {
      throw taken(folder);
    }
    boolean locked = false;
    try {
      FileChannel channel = lock(folder);
      locked = true;
      return new DataFolderLock(folder, channel);
    } finally {
      if (!locked) {
        HELD_HERE.remove(folder);
      }
    }
  }

  private static FileChannel lock(Path folder) {
    Path file = folder.resolve("store.lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw taken(folder);
      }
      return channel;
    } catch (IOException failure) {
      throw new StoreException("could not lock " + file + ": " + failure.getMessage(), failure);
    }
  }

  private static StoreException taken(Path folder) {
    return new StoreException(
        "another controller uses the data folder "
            + folder
            + ": SQLite serves one controller process. Give this one a folder of its own, or let"
            + " several share a PostgreSQL database (store URL jdbc:postgresql://…)");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new StoreException("could not release the data folder " + folder, failure);
    } finally {
      HELD_HERE.remove(folder);
    }
  }
}
