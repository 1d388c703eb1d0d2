package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.core.media.Codec;
import io.spillway.core.time.TimeSource;
import io.spillway.media.TrackWriter;
import io.spillway.media.timeline.TrackTimeline;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.Frame;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents.Flow;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one recording: places frames on its clock, writes them, knows what EgressInfo says of
 * it. Belongs to the recorder's turns, but for what {@link #syncWhenDue} does elsewhere. A little
 * long: all that is to be known of the file is known here.
 */
final class RecordingFile {
  /**
   * How often a picture that can be jumped to is asked for. VP8 and VP9 senders make none by
   * themselves after the first; more would cost every viewer of the room bit rate.
   */
  static final Duration KEY_FRAME_EVERY = Duration.ofSeconds(30);

  /** A sender's clock that is further off than this is not believed. */
  static final Duration MOST_SKEW = Duration.ofSeconds(5);

  /** After this long the first moment stays where it is; see {@link TrackTimeline}. */
  private static final Duration BEGINNING_MOVES = Duration.ofSeconds(4);

  private static final Logger LOG = LoggerFactory.getLogger(RecordingFile.class);

  private final TrackDescription track;
  private final TrackWriter writer;
  private final Path path;
  private final String storageName;
  private final Duration syncEvery;
  private final TimeSource time;
  private final TrackTimeline timeline;
  private final Frame view = new Frame();
  private Flow flow = Flow.FLOWING;
  private boolean needsKey;
  private long endTicks;
  private long captureOriginNanos;
  private long lastKeyNanos;
  private long lastMediaNanos = Long.MIN_VALUE;
  private long syncDueNanos;
  private long notedOriginNanos = Long.MIN_VALUE;
  private final AtomicBoolean syncing = new AtomicBoolean();
  private volatile boolean ended;

  /**
   * A file that is open and empty.
   *
   * @param path where it lies
   * @param storageName what {@code FileInfo.filename} says, the path as the caller asked for it
   */
  RecordingFile(
      TrackDescription track,
      TrackWriter writer,
      Path path,
      String storageName,
      Duration syncEvery,
      TimeSource time) {
    this.track = track;
    this.writer = writer;
    this.path = path;
    this.storageName = storageName;
    this.syncEvery = syncEvery;
    this.time = time;
    this.timeline = new TrackTimeline(track.codec());
    this.syncDueNanos = time.nanos() + syncEvery.toNanos();
    this.lastKeyNanos = time.nanos();
  }

  private boolean pictures() {
    return track.codec().kind() == Codec.Kind.VIDEO;
  }

  /** Writes the frames that wait. */
  void write(FrameQueue queue) {
    try {
      queue.drain(view, this::write);
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  private void write(Frame frame) throws IOException {
    needsKey |= pictures() && frame.afterLoss && !frame.key;
    if (needsKey && !frame.key) {
      return;
    }
    needsKey = false;
    long at = timeline.place(frame.ticks, frame.arrivalNanos, frame.discontinuity, frame.key);
    if (at == TrackTimeline.NOWHERE) {
      return;
    }
    lastKeyNanos = pictures() && frame.key ? frame.arrivalNanos : lastKeyNanos;
    if (frame.captureUnixNanos > 0) {
      captureOriginNanos = frame.captureUnixNanos - at * 1_000_000_000L / track.codec().clockRate();
    }
    writer.frame(at, frame.key, frame.data, frame.offset, frame.length);
    lastMediaNanos = frame.arrivalNanos;
    endTicks = Math.max(endTicks, at);
  }

  /** Says whether media is expected, before the frames that came under it are written. */
  void flow(Flow now) {
    if (now == Flow.FLOWING && flow != Flow.FLOWING) {
      timeline.resumed();
    }
    flow = now;
    if (flow != Flow.FLOWING && !timeline.begun()) {
      timeline.begin(time.nanos());
    }
  }

  /** Fills up to that moment what no frame covers. */
  void holdUntil(long nanos) {
    hold(timeline.holdUntil(nanos));
  }

  /** What can be said of the file before its first frame. */
  FileInfo announced() {
    return FileInfo.newBuilder().setFilename(storageName).setLocation(path.toString()).build();
  }

  private void hold(long untilTicks) {
    if (untilTicks == TrackTimeline.NOWHERE || untilTicks <= endTicks) {
      return;
    }
    try {
      writer.holdUntil(untilTicks);
      endTicks = untilTicks;
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /** Hands what is whole to the file system. */
  void flush() {
    try {
      writer.flush();
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /**
   * Hands what was flushed to the disk, if it is time for that and no such run is under way.
   *
   * @param elsewhere runs it: a disk's fsync may take seconds
   * @param failed is told why it could not
   */
  void syncWhenDue(Executor elsewhere, Consumer<Failure> failed) {
    if (time.nanos() < syncDueNanos || !syncing.compareAndSet(false, true)) {
      return;
    }
    syncDueNanos = time.nanos() + syncEvery.toNanos();
    try {
      elsewhere.execute(() -> sync(failed));
    } catch (RejectedExecutionException closing) {
      LOG.atDebug().log("the node is closing: the file is synced at its end");
    }
  }

  /** On any thread, also while the file is being closed. */
  private void sync(Consumer<Failure> failed) {
    try {
      writer.sync();
    } catch (IOException failure) {
      if (!ended) { // the end syncs by itself, and says what fails
        failed.accept(PartFiles.outputFailed(path, failure));
      }
    } finally {
      syncing.set(false);
    }
  }

  /** Whether a key frame should be asked for. */
  boolean wantsKeyFrame() {
    boolean due = time.nanos() - lastKeyNanos > KEY_FRAME_EVERY.toNanos();
    if (due) {
      lastKeyNanos = time.nanos();
    }
    return pictures() && flow == Flow.FLOWING && (due || needsKey);
  }

  /** When the newest frame that was written arrived; less than any time: none was. */
  long lastMediaNanos() {
    return lastMediaNanos;
  }

  /** Length so far. */
  double seconds() {
    return (double) endTicks / track.codec().clockRate();
  }

  long bytes() {
    return writer.bytesWritten();
  }

  Path path() {
    return path;
  }

  TrackDescription track() {
    return track;
  }

  /**
   * Ends the file at that moment and closes it.
   *
   * @return what EgressInfo says of it; empty when there was nothing to record
   */
  Optional<FileInfo> finish(long endNanos) {
    ended = true;
    if (!timeline.begun()) {
      writer.close();
      return Optional.empty();
    }
    hold(timeline.endAt(endNanos));
    try {
      TrackWriter.Finished finished = writer.finish();
      syncWhole();
      return Optional.of(info(finished.durationTicks(), finished.bytes()));
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /** The end is told only of a file that survives a power cut. */
  private void syncWhole() throws IOException {
    try (FileChannel whole = FileChannel.open(path, StandardOpenOption.WRITE)) {
      whole.force(true);
    }
  }

  /** What is to be said of a file that could only be saved up to some point. */
  FileInfo info(long durationTicks, long bytes) {
    long startedAt = startedUnixNanos();
    long duration = Math.round(durationTicks * 1e9 / track.codec().clockRate());
    return FileInfo.newBuilder()
        .setFilename(storageName)
        .setLocation(path.toString())
        .setStartedAt(startedAt)
        .setEndedAt(startedAt + duration)
        .setDuration(duration)
        .setSize(bytes)
        .build();
  }

  /**
   * The wall clock's time of the file's first moment. By the capture times in the sender reports
   * where they are plausible, so that sound and picture of one participant have one clock; else by
   * arrival.
   */
  long startedUnixNanos() {
    if (!timeline.begun()) {
      return 0;
    }
    long byArrival = time.unixNanos() - (time.nanos() - timeline.originNanos());
    boolean plausible = Math.abs(captureOriginNanos - byArrival) < MOST_SKEW.toNanos();
    return plausible ? captureOriginNanos : byArrival;
  }

  /**
   * The wall clock's time of the file's first moment by arrival, which is this machine's clock
   * alone, where it is to be kept anew: once it is known, and once more if the first seconds moved
   * it.
   */
  OptionalLong beginningToKeep() {
    long origin = timeline.originNanos();
    long age = time.nanos() - origin;
    boolean moves = notedOriginNanos == Long.MIN_VALUE || age < BEGINNING_MOVES.toNanos();
    if (!timeline.begun() || !moves || origin == notedOriginNanos) {
      return OptionalLong.empty();
    }
    notedOriginNanos = origin;
    return OptionalLong.of(time.unixNanos() - age);
  }

  /** Leaves the file as a crash would. */
  void abandon() {
    ended = true;
    writer.close();
  }

  private EgressFailedException failed(IOException failure) {
    return new EgressFailedException(PartFiles.outputFailed(path, failure), failure);
  }
}
