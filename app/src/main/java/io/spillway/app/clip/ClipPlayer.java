package io.spillway.app.clip;

import io.spillway.app.clip.Clip.ClipFrame;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Plays a clip in real time, over and over, until it is closed. Timestamps never go back and never
 * drift: each frame is due at the start plus its place in the rounds played. Runs on the timer
 * thread of its clock; sending must be short.
 *
 * <p>A key frame that is asked for is played at once, by a cut to the clip's next one: encoded
 * media can't make a new one, and whoever asks would wait a whole group of pictures.
 */
public final class ClipPlayer implements AutoCloseable {
  private final Clip clip;
  private final TimeSource time;
  private final Sink sink;
  private final AtomicBoolean keyWanted = new AtomicBoolean();
  private final long startNanos;
  private int index;
  private long ticks;
  private volatile boolean open = true;

  /** Takes frames at their moments. */
  @FunctionalInterface
  public interface Sink {
    /** A frame; {@code ticks} since the start of playing, in the codec's clock. */
    void frame(long ticks, ClipFrame frame);
  }

  private ClipPlayer(Clip clip, TimeSource time, Sink sink) {
    this.clip = clip;
    this.time = time;
    this.sink = sink;
    this.startNanos = time.nanos();
  }

  /** Begins to play now. */
  public static ClipPlayer play(Clip clip, TimeSource time, Sink sink) {
    ClipPlayer player = new ClipPlayer(clip, time, sink);
    player.scheduleNext();
    return player;
  }

  /** Cuts to the next key frame with the next frame due. From any thread. */
  public void wantKeyFrame() {
    keyWanted.set(true);
  }

  private void scheduleNext() {
    long dueNanos = startNanos + ticks * 1_000_000_000L / clip.codec().clockRate();
    var _ = time.after(Duration.ofNanos(Math.max(0, dueNanos - time.nanos())), this::playOne);
  }

  // One chain of timers: only the timer thread touches index and ticks.
  private void playOne() {
    if (!open) {
      return;
    }
    if (keyWanted.getAndSet(false)) {
      index = nextKey(index);
    }
    ClipFrame frame = clip.frames().get(index);
    sink.frame(ticks, frame);
    ticks += lengthTicks(index);
    index = (index + 1) % clip.frames().size();
    scheduleNext();
  }

  private int nextKey(int from) {
    List<ClipFrame> frames = clip.frames();
    for (int i = 0; i < frames.size(); i++) {
      int candidate = (from + i) % frames.size();
      if (frames.get(candidate).key()) {
        return candidate;
      }
    }
    return from;
  }

  private long lengthTicks(int at) {
    long end =
        at + 1 < clip.frames().size() ? clip.frames().get(at + 1).ticks() : clip.durationTicks();
    return Math.max(1, end - clip.frames().get(at).ticks());
  }

  @Override
  public void close() {
    open = false;
  }
}
