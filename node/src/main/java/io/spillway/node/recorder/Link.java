package io.spillway.node.recorder;

import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackSubscription;
import java.util.Optional;
import java.util.function.Function;

/**
 * A recorder's way into the room: the subscription of the moment, and how to make another. Belongs
 * to the recorder's turns, but for {@link #lastFrameNanos}.
 */
final class Link {
  private static final long WHOLE = -1;

  private final Inbox inbox;
  private final FrameQueue queue;
  private volatile Ears ears;
  private Function<TrackEvents, TrackSubscription> subscribe =
      _ -> {
        throw new IllegalStateException("the room was not joined");
      };
  private Optional<TrackSubscription> subscription = Optional.empty();
  private StallWatch stalls;
  private boolean renewed;
  private long repairedSinceNanos = WHOLE;

  Link(Inbox inbox, FrameQueue queue, long nowNanos) {
    this.stalls = StallWatch.begin(nowNanos);
    this.inbox = inbox;
    this.queue = queue;
    this.ears = new Ears(inbox, queue);
  }

  /** Joins. Once. */
  void open(Function<TrackEvents, TrackSubscription> how) {
    subscribe = how;
    subscription = Optional.of(how.apply(ears));
  }

  /**
   * Leaves and joins again. What the old subscription still tells is not heard any more: the server
   * ends it when the same identity joins anew.
   */
  void renew() {
    ears.shut();
    leave().ifPresent(TrackSubscription::close);
    inbox.tell(facts -> facts.repairing = true);
    renewed = true;
    Ears next = new Ears(inbox, queue);
    ears = next;
    subscription = Optional.of(subscribe.apply(next));
  }

  /** Gives the subscription out of hand: its end is awaited elsewhere. */
  Optional<TrackSubscription> leave() {
    Optional<TrackSubscription> left = subscription;
    subscription = Optional.empty();
    return left;
  }

  void requestKeyFrame() {
    subscription.ifPresent(TrackSubscription::requestKeyFrame);
  }

  /** Whether the subscription is another one than the first. */
  boolean isRenewed() {
    return renewed;
  }

  /** Takes in whether the connection stands; once a turn. */
  void note(Inbox.Facts facts, long nowNanos) {
    if (!facts.repairing) {
      repairedSinceNanos = WHOLE;
    } else if (isWhole()) {
      repairedSinceNanos = nowNanos;
    }
  }

  /** Whether the connection stood when it was last looked at. */
  boolean isWhole() {
    return repairedSinceNanos == WHOLE;
  }

  /**
   * The recording's last moment: now, but for a room that went with its connection (a server that
   * restarted, say). What was waited for it is no part of the recording. Where the room lived on,
   * its track may have lived as long as we were cut off: that span is held.
   */
  long lastMomentNanos(Inbox.Facts facts, long nowNanos) {
    boolean wentWithIt =
        !isWhole()
            && !facts.stopped()
            && facts.end != null
            && switch (facts.end.cause()) {
              case ROOM_CLOSED, CONNECTION_LOST -> true;
              case TRACK_UNPUBLISHED,
                  PARTICIPANT_LEFT,
                  DUPLICATE_IDENTITY,
                  REMOVED,
                  TRACK_NOT_FOUND,
                  SUBSCRIPTION_FAILED,
                  JOIN_FAILED,
                  CLOSED ->
                  false;
            };
    return wentWithIt ? Math.max(repairedSinceNanos, lastFrameNanos()) : nowNanos;
  }

  /** Looks whether media moves as long as it should. About once a second. */
  StallWatch.Verdict look(Inbox.Facts facts, long mediaNanos, long nowNanos) {
    ReceptionStats received =
        subscription.map(TrackSubscription::stats).orElse(ReceptionStats.NONE);
    StallWatch.Step step =
        stalls.next(
            new StallWatch.Seen(
                facts.flow,
                !facts.repairing,
                mediaNanos,
                received.bytes(),
                received.packetsUnseen()),
            nowNanos);
    stalls = step.watch();
    return step.verdict();
  }

  /** When the newest frame came; -1: none since the subscription began. Any thread. */
  long lastFrameNanos() {
    return ears.lastFrameNanos();
  }
}
