package io.spillway.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a folder to one owner. The kernel drops the lock when the process dies, however it dies, so
 * that there is never a stale one to remove by hand.
 *
 * <p>POSIX drops a process's lock as soon as it closes <em>any</em> descriptor of the file, so a
 * second attempt in this process must fail before it opens the file: hence the set of held files,
 * the one static state of the module.
 */
public final class FolderLock implements AutoCloseable {
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Makes the folder if need be and takes its lock; empty when somebody else has it.
   *
   * @param name of the lock's file in the folder
   */
  public static Optional<FolderLock> take(Path folder, String name) throws IOException {
    Path file = Files.createDirectories(folder).toRealPath().resolve(name);
    if (!HELD_HERE.add(file)) {
      return Optional.empty();
    }
    Optional<FolderLock> lock = Optional.empty();
    try {
      lock = lock(file);
      return lock;
    } finally {
      if (lock.isEmpty()) {
        HELD_HERE.remove(file);
      }
    }
  }

  private static Optional<FolderLock> lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      return Optional.empty();
    }
    return Optional.of(new FolderLock(file, channel));
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD_HERE.remove(file);
    }
  }
}
