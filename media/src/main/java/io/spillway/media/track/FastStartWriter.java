package io.spillway.media.track;

import io.spillway.media.TrackWriter;
import io.spillway.media.mp4.Mp4FastStart;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An MP4 writer whose finished file is rewritten with the index in front. Where that fails (no room
 * for the copy) the file stays as it was: whole, with its index at the end.
 */
final class FastStartWriter implements TrackWriter {
  private static final Logger log = LoggerFactory.getLogger(FastStartWriter.class);

  private final TrackWriter writer;
  private final Path path;
  private final int timescale;

  FastStartWriter(TrackWriter writer, Path path, int timescale) {
    this.writer = writer;
    this.path = path;
    this.timescale = timescale;
  }

  @Override
  public void frame(long atTicks, boolean key, byte[] data, int offset, int length)
      throws IOException {
    writer.frame(atTicks, key, data, offset, length);
  }

  @Override
  public void holdUntil(long atTicks) throws IOException {
    writer.holdUntil(atTicks);
  }

  @Override
  public void flush() throws IOException {
    writer.flush();
  }

  @Override
  public void sync() throws IOException {
    writer.sync();
  }

  @Override
  public long bytesWritten() {
    return writer.bytesWritten();
  }

  @Override
  public Finished finish() throws IOException {
    return indexInFront(path, timescale, writer.finish());
  }

  /** Puts a finished file's index in front, if that can be done, and tells what the file is now. */
  static Finished indexInFront(Path path, int timescale, Finished finished) {
    if (finished.frames() == 0) {
      return finished;
    }
    try {
      long bytes = Mp4FastStart.rewrite(path, timescale);
      return new Finished(finished.durationTicks(), bytes, finished.frames());
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("path", path)
          .setCause(e)
          .log("index could not be moved to the front; the file keeps it at the end");
      return finished;
    }
  }

  @Override
  public void close() {
    writer.close();
  }
}
