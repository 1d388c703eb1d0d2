package io.spillway.storage.journal;

import io.spillway.storage.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal's file on a real disk. */
public final class FileJournalDisk implements JournalDisk {
  private static final Logger log = LoggerFactory.getLogger(FileJournalDisk.class);

  private final Path file;
  private Optional<FileChannel> channel = Optional.empty();

  /** Nothing is touched before {@link #load}. */
  public FileJournalDisk(Path file) {
    this.file = file;
  }

  @Override
  public byte[] load() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException none) {
      return new byte[0];
    }
  }

  @Override
  public void keepAside(boolean readable) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    if (readable) {
      Files.copy(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void append(ByteBuffer bytes) throws IOException {
    FileChannel open = open();
    while (bytes.hasRemaining()) {
      open.write(bytes);
    }
  }

  @Override
  public void sync() throws IOException {
    open().force(false);
  }

  @Override
  public void replace(byte[] content) throws IOException {
    close();
    AtomicFile.write(file, content);
  }

  private FileChannel open() throws IOException {
    if (channel.isEmpty()) {
      channel =
          Optional.of(
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.APPEND));
    }
    return channel.get();
  }

  @Override
  public void close() {
    try {
      if (channel.isPresent()) {
        channel.get().close();
      }
    } catch (IOException failure) {
      // whatever mattered was synced before
      log.atWarn().addKeyValue("file", file).setCause(failure).log("journal file did not close");
    } finally {
      channel = Optional.empty();
    }
  }
}
