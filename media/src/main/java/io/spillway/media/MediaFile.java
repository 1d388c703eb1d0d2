package io.spillway.media;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The few things a container writer asks of a file. One thread at a time. A write that fails may
 * have written a part: {@link Tail} takes that back.
 */
public interface MediaFile extends AutoCloseable {
  /** Bytes in the file. */
  long size() throws IOException;

  /** Writes all of it at {@code at}, growing the file where needed. */
  void write(long at, byte[] data, int offset, int length) throws IOException;

  /** Reads up to {@code length} bytes; fewer only where the file ends. Tells how many. */
  int read(long at, byte[] into, int offset, int length) throws IOException;

  /** Cuts the file to {@code size} bytes. */
  void truncate(long size) throws IOException;

  /** Makes everything written survive a power cut. */
  void sync() throws IOException;

  @Override
  void close() throws IOException;

  /** A new, empty file on disk; one that is there is emptied. */
  static MediaFile create(Path path) throws IOException {
    MediaFile file = DiskFile.open(path);
    file.truncate(0);
    return file;
  }

  /** An existing file on disk, for reading and changing. */
  static MediaFile open(Path path) throws IOException {
    return DiskFile.open(path);
  }
}
