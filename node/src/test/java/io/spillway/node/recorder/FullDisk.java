package io.spillway.node.recorder;

import io.spillway.core.time.TimeSource;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.TrackFiles;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.TrackDescription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A part's real files, but the writer of its recording takes no more than some writes: then it says
 * what the kernel says of a full disk, as often as it is asked.
 */
record FullDisk(PartFiles real, AtomicInteger writesLeft, TimeSource time) implements FilePlace {
  @Override
  public void begin() {
    real.begin();
  }

  @Override
  public void forsake() {
    real.forsake();
  }

  @Override
  public RecordingFile open(EgressInfo info, TrackDescription track) {
    RecordingFile opened = real.open(info, track);
    opened.abandon();
    Path path = opened.path();
    try {
      TrackWriter writer =
          TrackFiles.create(track.codec(), path, TrackFiles.Options.of(track.codec(), ""));
      return new RecordingFile(
          track, new Writer(writer, writesLeft), path, "", Duration.ofSeconds(10), time);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public String trackId() {
    return real.trackId();
  }

  @Override
  public int part() {
    return real.part();
  }

  @Override
  public Optional<String> finished(EgressInfo info, RecordingFile file, FileInfo result) {
    return real.finished(info, file, result);
  }

  @Override
  public Optional<String> withoutFile(EgressInfo info) {
    return real.withoutFile(info);
  }

  @Override
  public Optional<FileInfo> salvage(RecordingFile file) {
    return real.salvage(file);
  }

  @Override
  public void unused(RecordingFile file) {
    real.unused(file);
  }

  @Override
  public void ended() {
    real.ended();
  }

  private record Writer(TrackWriter real, AtomicInteger writesLeft) implements TrackWriter {
    private void use() throws IOException {
      if (writesLeft.getAndDecrement() <= 0) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void frame(long atTicks, boolean key, byte[] data, int offset, int length)
        throws IOException {
      use();
      real.frame(atTicks, key, data, offset, length);
    }

    @Override
    public void holdUntil(long atTicks) throws IOException {
      use();
      real.holdUntil(atTicks);
    }

    @Override
    public void flush() throws IOException {
      use();
      real.flush();
    }

    @Override
    public void sync() throws IOException {
      real.sync();
    }

    @Override
    public long bytesWritten() {
      return real.bytesWritten();
    }

    @Override
    public Finished finish() throws IOException {
      use();
      return real.finish();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
