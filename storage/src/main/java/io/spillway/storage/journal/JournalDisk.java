package io.spillway.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The file under a journal. Used by one thread at a time; every call may block as long as the disk
 * does.
 */
public interface JournalDisk extends AutoCloseable {
  /** All that the file holds; nothing when there is none. Called once, first. */
  byte[] load() throws IOException;

  /**
   * Keeps the file for people under another name, where it replaces the one before it: a copy of
   * it, or the file itself when it can't be read. At most once, after {@link #load}.
   */
  void keepAside(boolean readable) throws IOException;

  /**
   * Writes behind what is there; without {@link #sync} it survives the process, not the machine.
   */
  void append(ByteBuffer bytes) throws IOException;

  /** Makes what was appended survive a power cut. */
  void sync() throws IOException;

  /** Replaces the file's content in one step, durable on return. */
  void replace(byte[] content) throws IOException;

  @Override
  void close();
}
