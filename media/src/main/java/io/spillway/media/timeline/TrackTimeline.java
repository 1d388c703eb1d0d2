package io.spillway.media.timeline;

import io.spillway.core.media.Codec;

/*
 * Two clocks tell when a frame was made. The RTP ticks are exact to the sample but the publisher's
 * own: they drift, stand still or jump while nothing is sent, and begin anew after a re-join. The
 * arrival clock is ours, runs through everything, and is late by the network's changing delay. So
 * ticks rule as long as both agree, and arrival decides when they can't be right:
 *
 *   first frame                     -> 0, or by arrival when the file began before (begin)
 *   discontinuity                   -> by arrival (for pictures: the next key frame)
 *   resumed (unmuted, un-paused)    -> by arrival if the ticks are off by more than 100 ms:
 *                                      browsers let them run through a mute, others don't
 *   ticks off by more than 3 s      -> by arrival, at once
 *   ticks off all through 10 s      -> shifted, if even the timeliest frame was off by more than
 *     by more than 0.5 s               0.5 s: bounded drift (100 ppm get there in 83 minutes)
 *
 * The first frame may itself have been late; in the first two seconds the file's origin moves back
 * to where the timeliest frame says it was.
 */
/**
 * Places the frames of one track on its file's clock: the first frame (for pictures the first key
 * frame) is at 0, a gap stays a gap, and time never goes back. Pure: times come in. Not
 * thread-safe.
 */
public final class TrackTimeline {
  /** The answer for "not in the file". */
  public static final long NOWHERE = -1;

  /** How far holds stay behind now, so that late packets still find their place. */
  static final long HOLD_LAG_NANOS = 1_000_000_000L;

  static final long SETTLE_NANOS = 2_000_000_000L;
  static final long RESUME_TOLERANCE_NANOS = 100_000_000L;
  static final long ABSURD_NANOS = 3_000_000_000L;
  static final long DRIFT_BOUND_NANOS = 500_000_000L;
  static final long DRIFT_WINDOW_NANOS = 10_000_000_000L;

  private final boolean pictures;
  private final long clockRate;
  private boolean begun;
  private boolean anchored;
  private boolean resumed;
  private long originNanos;
  private long settleUntilNanos;
  private long shift;
  private long lastTicks = NOWHERE;
  private long windowEndNanos;
  private long timeliestTicks;
  private long anchors;

  /** A track of that codec, nothing placed yet. */
  public TrackTimeline(Codec codec) {
    this.pictures = codec.kind() == Codec.Kind.VIDEO;
    this.clockRate = codec.clockRate();
  }

  /**
   * Begins the file now, before any frame: a muted track, recorded as silence. For pictures it
   * changes nothing, as nothing can be shown before the first key frame.
   */
  public void begin(long nowNanos) {
    if (!begun && !pictures) {
      begun = true;
      originNanos = nowNanos;
      settleUntilNanos = nowNanos;
    }
  }

  /** Whether the file has a start. */
  public boolean begun() {
    return begun;
  }

  /** The monotonic time of the file's first moment; what it means before that is undefined. */
  public long originNanos() {
    return originNanos;
  }

  /** How often a new relation between ticks and file time was taken, the first one included. */
  public long anchors() {
    return anchors;
  }

  /** Says that the flow was interrupted on purpose and goes on: unmuted, un-paused. */
  public void resumed() {
    resumed = true;
  }

  /**
   * Where a frame goes, in ticks since the start of the file, or {@link #NOWHERE} for a picture
   * that can't be decoded because none came before it.
   *
   * @param ticks unwrapped RTP timestamp
   * @param arrivalNanos monotonic
   * @param discontinuity the ticks have a new origin
   * @param key decodable by itself
   */
  public long place(long ticks, long arrivalNanos, boolean discontinuity, boolean key) {
    if (discontinuity) {
      anchored = false;
    }
    if (!anchored && pictures && !key) {
      return NOWHERE;
    }
    if (!begun) {
      begun = true;
      originNanos = arrivalNanos;
      settleUntilNanos = arrivalNanos + SETTLE_NANOS;
    }
    if (!anchored) {
      anchor(ticks, arrivalNanos);
    }
    checkAgainstArrival(ticks, arrivalNanos);
    resumed = false;
    long at = Math.max(ticks - shift, lastTicks < 0 ? 0 : pictures ? lastTicks + 1 : lastTicks);
    lastTicks = at;
    return at;
  }

  private void anchor(long ticks, long arrivalNanos) {
    anchored = true;
    anchors++;
    shift = ticks - Math.max(byArrival(arrivalNanos), lastTicks);
    startWindow(arrivalNanos);
  }

  private void startWindow(long arrivalNanos) {
    windowEndNanos = arrivalNanos + DRIFT_WINDOW_NANOS;
    timeliestTicks = Long.MIN_VALUE;
  }

  private void checkAgainstArrival(long ticks, long arrivalNanos) {
    long ahead = ticks - shift - byArrival(arrivalNanos);
    boolean off = Math.abs(ahead) > ticksOf(resumed ? RESUME_TOLERANCE_NANOS : ABSURD_NANOS);
    if (off) {
      anchor(ticks, arrivalNanos);
      return;
    }
    if (arrivalNanos < settleUntilNanos && ahead > 0) {
      originNanos -= ahead * 1_000_000_000L / clockRate;
      ahead = 0;
    }
    timeliestTicks = Math.max(timeliestTicks, ahead);
    if (arrivalNanos >= windowEndNanos) {
      if (Math.abs(timeliestTicks) > ticksOf(DRIFT_BOUND_NANOS)) {
        anchors++;
        shift += timeliestTicks;
      }
      startWindow(arrivalNanos);
    }
  }

  /**
   * How far the file surely reaches now though no frame came: a second behind. {@link #NOWHERE}
   * when it hasn't begun or frames have got there themselves.
   */
  public long holdUntil(long nowNanos) {
    long at = begun ? byArrival(nowNanos - HOLD_LAG_NANOS) : NOWHERE;
    return at > lastTicks && at > 0 ? at : NOWHERE;
  }

  /**
   * Where the file ends if recording stops now: the stop moment, or the last frame where that is
   * later. {@link #NOWHERE} when nothing has begun.
   */
  public long endAt(long nowNanos) {
    return begun ? Math.max(byArrival(nowNanos), Math.max(lastTicks, 0)) : NOWHERE;
  }

  private long byArrival(long nanos) {
    return ticksOf(nanos - originNanos);
  }

  /** Nanoseconds to ticks without overflow over years. */
  private long ticksOf(long nanos) {
    long seconds = Math.floorDiv(nanos, 1_000_000_000L);
    return seconds * clockRate + Math.floorMod(nanos, 1_000_000_000L) * clockRate / 1_000_000_000L;
  }
}
