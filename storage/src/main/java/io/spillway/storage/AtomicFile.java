package io.spillway.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Small files that are there whole or not at all, also after a power cut: written to a temporary
 * name, fsynced, renamed, and the rename fsynced in the folder. One writer per file at a time.
 */
public final class AtomicFile {
  /** The end of temporary names, for whoever cleans up after a crash. */
  public static final String TEMPORARY = ".tmp";

  private static final FileAttribute<?>[] ANYBODYS = {};
  private static final FileAttribute<?>[] OWNERS = {
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
  };

  private AtomicFile() {}

  /** Writes or replaces a file. */
  public static void write(Path file, byte[] content) throws IOException {
    replace(file, content, ANYBODYS);
  }

  /** The same for a secret: only the owner may read it (mode 0600), from its first byte on. */
  public static void writeSecret(Path file, byte[] content) throws IOException {
    replace(file, content, OWNERS);
  }

  /** Makes a rename, creation or removal in this folder survive a power cut. */
  public static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void replace(Path file, byte[] content, FileAttribute<?>[] attributes)
      throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file in a folder");
    }
    Path temporary = folder.resolve("." + file.getFileName() + TEMPORARY);
    Files.deleteIfExists(temporary); // of a crash: its mode may be another
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    } catch (IOException failure) {
      Files.deleteIfExists(temporary);
      throw failure;
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncFolder(folder);
  }
}
