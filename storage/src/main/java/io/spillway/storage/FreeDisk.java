package io.spillway.storage;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much room a folder's disk has. */
@FunctionalInterface
public interface FreeDisk {
  /** Bytes that this process may still write under an existing folder. */
  long usableBytes(Path folder) throws IOException;

  /**
   * The operating system's answer. A file system that has no room at all, however empty, is none
   * that files can be put on ({@code /proc}, say): it fails and says so. Those in memory without a
   * limit say zero too.
   */
  static FreeDisk ofSystem() {
    return folder -> {
      FileStore store = Files.getFileStore(folder);
      if (store.getTotalSpace() > 0) {
        return store.getUsableSpace();
      }
      return switch (store.type()) {
        case "tmpfs", "ramfs" -> Long.MAX_VALUE;
        default -> throw new IOException(folder + " takes no files: " + store.type());
      };
    };
  }
}
