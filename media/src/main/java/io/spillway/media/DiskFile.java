package io.spillway.media;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A file on disk. Not a FileChannel: interrupting a thread that is inside one closes the channel,
 * and an impatient stop would then cost the end of a recording.
 */
final class DiskFile implements MediaFile {
  private final RandomAccessFile file;

  private DiskFile(RandomAccessFile file) {
    this.file = file;
  }

  static DiskFile open(Path path) throws IOException {
    return new DiskFile(new RandomAccessFile(path.toFile(), "rw"));
  }

  @Override
  public long size() throws IOException {
    return file.length();
  }

  @Override
  public void write(long at, byte[] data, int offset, int length) throws IOException {
    file.seek(at);
    file.write(data, offset, length);
  }

  @Override
  public int read(long at, byte[] into, int offset, int length) throws IOException {
    file.seek(at);
    int done = 0;
    while (done < length) {
      int read = file.read(into, offset + done, length - done);
      if (read < 0) {
        break;
      }
      done += read;
    }
    return done;
  }

  @Override
  public void truncate(long size) throws IOException {
    if (file.length() > size) {
      file.setLength(size);
    }
  }

  @Override
  public void sync() throws IOException {
    file.getFD().sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
