package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.TrackEvents.Flow;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a recorder has to know next, as facts rather than a queue: each fact has one place and the
 * newest wins, so that it is bounded by its shape and nothing can be dropped. Any thread may tell;
 * the recorder's turns read.
 */
final class Inbox {
  private final ReentrantLock lock = new ReentrantLock();
  private final Facts facts = new Facts();
  private volatile Runnable listener = () -> {};

  /** The facts so far; a copy is a snapshot. */
  static final class Facts {
    /** The room's id, once it was joined. */
    @Nullable String roomSid;

    /** Once it was subscribed; the newest one when it was followed to a new sid. */
    @Nullable TrackDescription track;

    Flow flow = Flow.FLOWING;
    boolean firstFrame;

    /** Why the subscription ended; the first one counts. */
    @Nullable End end;

    /** Whether the connection is being repaired, or made anew. */
    boolean repairing;

    boolean stopAsked;
    boolean shutDown;
    boolean limitReached;

    /** Why it can't go on; the first one counts. */
    @Nullable Failure broken;

    /** Whether it was told to end. */
    boolean stopped() {
      return stopAsked || shutDown || limitReached;
    }

    /** Whether the recording runs: media arrives, or is known to be muted. */
    boolean mediaFlows() {
      return track != null && (firstFrame || flow != Flow.FLOWING);
    }

    private Facts copy() {
      Facts copy = new Facts();
      copy.roomSid = roomSid;
      copy.track = track;
      copy.flow = flow;
      copy.firstFrame = firstFrame;
      copy.end = end;
      copy.repairing = repairing;
      copy.stopAsked = stopAsked;
      copy.shutDown = shutDown;
      copy.limitReached = limitReached;
      copy.broken = broken;
      return copy;
    }
  }

  /** Names whom to call after each change from now on. */
  void onTold(Runnable listener) {
    this.listener = listener;
  }

  /** The facts as they are now. */
  Facts read() {
    lock.lock();
    try {
      return facts.copy();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Changes the facts and wakes the recorder. {@code change} runs under the lock: assignments only.
   */
  void tell(Consumer<Facts> change) {
    lock.lock();
    try {
      change.accept(facts);
    } finally {
      lock.unlock();
    }
    listener.run();
  }
}
