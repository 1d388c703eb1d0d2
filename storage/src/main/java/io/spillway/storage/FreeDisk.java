package io.spillway.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much room a folder's disk has. */
@FunctionalInterface
public interface FreeDisk {
  /** Bytes that this process may still write under an existing folder. */
  long usableBytes(Path folder) throws IOException;

  /** The operating system's answer. */
  static FreeDisk ofSystem() {
    return folder -> Files.getFileStore(folder).getUsableSpace();
  }
}
