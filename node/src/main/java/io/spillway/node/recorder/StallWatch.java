package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.rtc.TrackEvents.Flow;
import java.time.Duration;

/**
 * Tells a recording that stands still from a track that is silent, and what follows. Pure: looked
 * at about once a second with what was seen meanwhile.
 *
 * <p>No media for {@link #STALLED_AFTER} is nothing by itself: a muted or paused track has none, a
 * publisher without anything new to send (DTX, a still screen) has none, and whether the connection
 * lives is the connection's own affair. It is a stall only where for as long something says that
 * the track flows: payload that arrives and becomes no media, or sender reports that count packets
 * which do not arrive.
 *
 * @param movedNanos when media last moved, or had no need to
 * @param flowsSinceNanos since when something says that the track flows; -1: nothing does
 * @param saidNanos when it last did
 * @param bytes payload received when looked last
 * @param unseen packets that reports had counted in vain when looked last
 * @param restarts that did not help so far
 * @param restartedNanos when the last of them was
 */
record StallWatch(
    long movedNanos,
    long flowsSinceNanos,
    long saidNanos,
    long bytes,
    long unseen,
    int restarts,
    long restartedNanos) {
  /** How long nothing may move though the track flows. */
  static final Duration STALLED_AFTER = Duration.ofSeconds(10);

  /** Sender reports come each 3 to 5 s: what says nothing for longer has stopped. */
  static final Duration SAID_RECENTLY = Duration.ofSeconds(7);

  /** Restarts in a row. */
  static final int MOST_RESTARTS = 3;

  /** After this long with media a restart is forgotten. */
  static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  /**
   * What was seen.
   *
   * @param flow what publisher and SFU say
   * @param connected whether the subscription stands and is not being repaired
   * @param mediaNanos when the newest frame that was written arrived; less than any time: none was
   * @param bytes payload received by this subscription
   * @param unseen packets that its sender reports count and that did not come
   */
  record Seen(Flow flow, boolean connected, long mediaNanos, long bytes, long unseen) {}

  /** What is to be done. */
  sealed interface Verdict {
    /** It moves, or has no need to. */
    record GoesOn() implements Verdict {}

    /** Subscribe anew. */
    record Restart(String why) implements Verdict {}

    /** It was tried often enough. */
    record GiveUp(Failure failure) implements Verdict {}
  }

  /** The watch from now on, and what to do. */
  record Step(StallWatch watch, Verdict verdict) {}

  /** A watch that begins now. */
  static StallWatch begin(long nowNanos) {
    return new StallWatch(nowNanos, -1, nowNanos, 0, 0, 0, nowNanos);
  }

  /** Looks. */
  Step next(Seen seen, long nowNanos) {
    boolean moved = seen.mediaNanos() > movedNanos;
    if (moved || seen.flow() != Flow.FLOWING || !seen.connected()) {
      return new Step(moving(seen, moved, nowNanos), new Verdict.GoesOn());
    }
    StallWatch still = still(seen, nowNanos);
    boolean stalled =
        still.flowsSinceNanos >= 0
            && nowNanos - still.flowsSinceNanos >= STALLED_AFTER.toNanos()
            && nowNanos - movedNanos >= STALLED_AFTER.toNanos();
    if (!stalled) {
      return new Step(still, new Verdict.GoesOn());
    }
    String why =
        seen.unseen() > 0
            ? "the server counts packets that do not arrive"
            : "packets arrive, but no frame can be made of them";
    if (restarts >= MOST_RESTARTS) {
      String text = "recording ended early: no media after " + restarts + " new subscriptions: ";
      return new Step(still, new Verdict.GiveUp(new Failure(503, text + why)));
    }
    StallWatch anew = new StallWatch(nowNanos, -1, nowNanos, 0, 0, restarts + 1, nowNanos);
    return new Step(
        anew,
        new Verdict.Restart(
            "no media for %d s though the track flows (%s): subscribed anew, %d of %d"
                .formatted(STALLED_AFTER.toSeconds(), why, restarts + 1, MOST_RESTARTS)));
  }

  private StallWatch moving(Seen seen, boolean moved, long nowNanos) {
    boolean forgotten = moved && nowNanos - restartedNanos >= FORGOTTEN_AFTER.toNanos();
    return new StallWatch(
        moved ? seen.mediaNanos() : nowNanos,
        -1,
        nowNanos,
        seen.bytes(),
        seen.unseen(),
        forgotten ? 0 : restarts,
        restartedNanos);
  }

  private StallWatch still(Seen seen, long nowNanos) {
    boolean says = seen.bytes() > bytes || seen.unseen() > unseen;
    boolean silent = !says && nowNanos - saidNanos > SAID_RECENTLY.toNanos();
    long since = flowsSinceNanos >= 0 || !says ? flowsSinceNanos : nowNanos;
    return new StallWatch(
        movedNanos,
        silent ? -1 : since,
        says ? nowNanos : saidNanos,
        seen.bytes(),
        seen.unseen(),
        restarts,
        restartedNanos);
  }
}
