package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.core.egress.Lifecycle;
import io.spillway.core.egress.Lifecycle.Effect;
import io.spillway.core.egress.Lifecycle.Event;
import io.spillway.core.egress.Lifecycle.State;
import io.spillway.core.egress.Outcome;
import io.spillway.core.media.Codec;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.trace.TraceKeys;
import io.spillway.node.recorder.Inbox.Facts;
import io.spillway.node.request.TrackPlan.Past;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackSubscription;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Records one track: the shell around {@link Lifecycle}, and all of it (so more than 300 lines). It
 * takes {@link Turns} on the node's {@link DiskThreads}, one at a time, and only these touch the
 * file and decide; the packet path and callers leave facts in the {@link Inbox} and frames in the
 * {@link FrameQueue}.
 *
 * <p>A turn comes when a fact is told, when much waits in the queue, and every {@link
 * FlushClock#EVERY}: then it writes what came, fills silence up to now and flushes, so that a
 * killed process loses about a second. Between turns a recorder has no thread, also while it leaves
 * its room. From the moment its end is decided it takes its turns on the threads for long work:
 * closing a file may take minutes, and those who still record must not wait for it.
 */
public final class TrackRecorder {
  /** Two seconds of 8 Mbit/s and a slow disk's patience. */
  static final int QUEUE_BYTES = 8 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(TrackRecorder.class);

  private final String egressId;
  private final int epoch;
  private final TimeSource time;
  private final StatusBook book;
  private final FilePlace files;
  private final Limits limits;
  private final Reports reports;
  private final Past past;
  private final Inbox inbox = new Inbox();
  private final FrameQueue queue;
  private final Link link;
  private final FlushClock flushes;
  private final FileEnd fileEnd;
  private final CountDownLatch ending = new CountDownLatch(1);

  private Optional<TimeSource.Timer> limit = Optional.empty();
  private State state = new State.Starting();
  private @Nullable RecordingFile file;
  private Optional<Leaving> leaving = Optional.empty();
  private Optional<Throwable> defect = Optional.empty();
  private Runnable wake = () -> {};
  private Runnable moveToLongWork = () -> {};
  private Executor longWork = Runnable::run;
  private volatile boolean retired;
  private volatile Progress progress = new Progress(0, 0, -1);

  /** Where statuses go. */
  public interface Reports {
    void changed(EgressInfo info);

    /** The last one; {@code safe} is run once it can't be lost any more. */
    void last(EgressInfo info, Runnable safe);

    /** It stood still and subscribes anew. */
    void restarted(String egressId);

    /** The recorder takes no further turn. */
    void ended(String egressId);
  }

  /**
   * A recorder that has not begun.
   *
   * @param first the egress's first status
   * @param past whether a part of it was recorded before: then a track that isn't there any more
   *     means that the egress was cut by the loss of its recorder, and a stop ends what there is
   */
  TrackRecorder(
      EgressInfo first,
      Past past,
      TimeSource time,
      FrameQueue queue,
      FilePlace files,
      Limits limits,
      Reports reports) {
    this.past = past;
    this.queue = queue;
    this.link = new Link(inbox, queue, time.nanos());
    this.flushes = new FlushClock(time);
    this.egressId = first.getEgressId();
    this.epoch = first.getRetryCount() + 1;
    this.time = time;
    this.book = new StatusBook(time, first);
    this.files = files;
    this.fileEnd = new FileEnd(files, book, queue);
    this.limits = limits;
    this.reports = reports;
  }

  /** The egress's newest status. */
  public EgressInfo info() {
    return book.snapshot();
  }

  /** How far it is. */
  public Progress progress() {
    Progress now = progress;
    long last = link.lastFrameNanos();
    return new Progress(now.seconds(), now.bytes(), last < 0 ? -1 : time.nanos() - last);
  }

  /** Frames lost because the disk was slower than the track. */
  public long droppedFrames() {
    return queue.dropped();
  }

  /**
   * StopEgress was called: begins the end and waits, until the deadline at most, for the status to
   * show it.
   */
  public EgressInfo stop(Deadline deadline) throws InterruptedException {
    askToStop();
    boolean _ = ending.await(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    return book.snapshot();
  }

  void askToStop() {
    inbox.tell(facts -> facts.stopAsked = true);
  }

  /** The node ends without waiting for its recordings. */
  public void shutDown() {
    inbox.tell(facts -> facts.shutDown = true);
  }

  /** It must not go on, whoever says so. */
  public void fail(Failure why) {
    inbox.tell(facts -> facts.broken = facts.broken == null ? why : facts.broken);
  }

  /**
   * Keeps in the spool that this part begins. Called first: what is not kept would be lost by a
   * crash.
   *
   * @throws EgressFailedException when it can't be kept
   */
  public void begin() {
    files.begin();
  }

  /** Takes {@link #begin} back, instead of {@link #start}. May wait for a slow disk. */
  public void forsake() {
    files.forsake();
  }

  /**
   * Joins the room and records from now on until the end. Called once; returns at once.
   *
   * @param subscribe joins the room
   * @param disk runs the turns: threads of their own, because a write to a hung disk holds its
   *     thread
   */
  public void start(Function<TrackEvents, TrackSubscription> subscribe, DiskThreads disk) {
    Turns turns = new Turns(disk.quick(), this::takeTurn);
    wake = turns::want;
    longWork = disk.longWork();
    moveToLongWork = () -> turns.moveTo(longWork);
    try {
      open(subscribe);
    } catch (RuntimeException failure) {
      log(failure);
      endByDefect(failure);
      retire();
      return;
    }
    inbox.onTold(wake); // not before: a turn must find the subscription that it may have to close
    turns.want();
  }

  private void takeTurn() {
    if (retired) {
      return;
    }
    try (var _ = MDC.putCloseable(TraceKeys.LOG_EGRESS, egressId);
        var _ = MDC.putCloseable(TraceKeys.LOG_EPOCH, Integer.toString(epoch));
        var _ = MDC.putCloseable(TraceKeys.LOG_ROOM_SID, book.roomId())) {
      if (defect.isPresent()) {
        endByDefect(defect.get());
        retire();
        return;
      }
      step(inbox.read());
      if (over()) {
        retire();
      } else if (leaving.isEmpty()) {
        flushes.wakeWhenDue(wake);
      }
    } catch (RuntimeException | Error failure) {
      broke(failure);
    }
  }

  /** Asks for a turn. */
  void wake() {
    wake.run();
  }

  private void retire() {
    retired = true;
    limit.ifPresent(TimeSource.Timer::cancel);
    leaving.ifPresent(Leaving::cancel);
    queue.close();
    ending.countDown();
    reports.ended(egressId);
  }

  private void log(Throwable failure) {
    LOG.atError()
        .addKeyValue(TraceKeys.LOG_EGRESS, egressId)
        .setCause(failure)
        .log("the recorder failed by a defect of its own; only this egress ends");
  }

  /** A defect of ours ends this egress only: with its next turn, where salvage may take long. */
  private void broke(Throwable failure) {
    log(failure);
    if (over() || defect.isPresent()) {
      retire(); // the end was told before, or can't be told
      return;
    }
    defect = Optional.of(failure);
    moveToLongWork.run();
  }

  /** The end by a defect is told whatever else fails. */
  private void endByDefect(Throwable failure) {
    try {
      leaveQuietly();
      if (file != null) {
        fileEnd.save(file);
      }
    } catch (RuntimeException again) {
      LOG.atError()
          .addKeyValue(TraceKeys.LOG_EGRESS, egressId)
          .setCause(again)
          .log("its file stays as it is");
    }
    Failure told = Failure.internal(String.valueOf(failure.getMessage()));
    reports.last(book.outcome(Outcome.failed(told)), () -> {});
  }

  private void leaveQuietly() {
    link.leave().ifPresent(TrackSubscription::close);
  }

  private void open(Function<TrackEvents, TrackSubscription> subscribe) {
    limit = startLimit();
    link.open(subscribe);
    flushes.restart();
  }

  /** Whether the end was reported. */
  boolean over() {
    return state instanceof State.Ended;
  }

  private Optional<TimeSource.Timer> startLimit() {
    if (limits.duration().isZero()) {
      return Optional.empty();
    }
    return Optional.of(
        time.after(limits.duration(), () -> inbox.tell(facts -> facts.limitReached = true)));
  }

  /** Does what is due now. */
  private void step(Facts facts) {
    switch (state) {
      case State.Starting _, State.Active _ -> record(facts);
      case State.Finishing _ -> finish(facts);
      case State.Ended _ -> {}
    }
  }

  private boolean records() {
    return switch (state) {
      case State.Starting _, State.Active _ -> true;
      case State.Finishing _, State.Ended _ -> false;
    };
  }

  /** Looks at the facts, writes, flushes. */
  private void record(Facts facts) {
    if (facts.roomSid != null) {
      enter(facts.roomSid);
    }
    if (facts.track != null && file == null && records()) {
      openFile(facts.track);
    }
    if (file != null && facts.track != null) {
      requireSameCodec(file.track().codec(), facts.track.codec());
    }
    link.note(facts, time.nanos());
    if (facts.mediaFlows()) {
      follow(new Event.MediaFlows());
    }
    write(facts);
    boolean begun = past == Past.NONE || !(state instanceof State.Starting);
    if (!begun && (facts.end != null || facts.stopped())) {
      // an earlier recorder had it: that is all there will be
      follow(
          facts.end != null && !facts.stopped()
              ? new Event.Broken(Failure.nodeLost())
              : new Event.MediaFlows());
    }
    for (Event event : Verdicts.of(facts, files.trackId(), link.isRenewed())) {
      if (records()) {
        follow(event);
      }
    }
  }

  /**
   * Joining opens a room that was closed since it was looked up: one that isn't the room asked for
   * must not be kept open by our waiting in it.
   */
  private void enter(String roomSid) {
    boolean another = !book.roomId().isEmpty() && !book.roomId().equals(roomSid);
    if (another && past != Past.HERE && state instanceof State.Starting) {
      follow(new Event.Broken(Failure.roomGone()));
    } else {
      book.room(roomSid);
    }
  }

  private void openFile(TrackDescription track) {
    try {
      file = files.open(book.snapshot(), track);
      book.file(files.part(), file.announced());
    } catch (EgressFailedException refused) {
      follow(new Event.Broken(refused.failure()));
    }
  }

  /** A track may come back in another codec, after a re-join: its frames don't fit the file. */
  private void requireSameCodec(Codec before, Codec now) {
    if (before != now && records()) {
      queue.close();
      String what = "the track's codec changed from %s to %s".formatted(before, now);
      follow(new Event.Broken(new Failure(500, "recording ended early: " + what)));
    }
  }

  private void write(Facts facts) {
    RecordingFile open = file;
    if (open == null || !records()) {
      flushes.restart();
      return;
    }
    try {
      // before the frames are written: a slow disk must not turn those behind them into silence
      long now = time.nanos();
      open.flow(facts.flow);
      open.write(queue);
      if (flushes.isDue(now)) {
        open.beginningToKeep().ifPresent(files::began);
        if (link.isWhole()) { // else the next frame fills the gap, if one comes
          open.holdUntil(now);
        }
        open.flush();
        flushes.restart();
        open.syncWhenDue(longWork, this::fail);
        if (open.wantsKeyFrame()) {
          link.requestKeyFrame();
        }
        watch(open, facts);
      }
      progress = new Progress(open.seconds(), open.bytes(), -1);
      if (limits.bytes() > 0 && open.bytes() >= limits.bytes()) {
        follow(new Event.LimitReached());
      }
    } catch (EgressFailedException failure) {
      follow(new Event.Broken(failure.failure()));
    }
  }

  /**
   * Looks whether media moves, as long as it should. A stall costs the subscription, not the file:
   * a file of ours is whole at any moment, and the gap is filled when frames come again.
   */
  private void watch(RecordingFile open, Facts facts) {
    if (!(state instanceof State.Active) || facts.end != null || facts.stopped()) {
      return;
    }
    switch (link.look(facts, open.lastMediaNanos(), time.nanos())) {
      case StallWatch.Verdict.GoesOn _ -> {}
      case StallWatch.Verdict.Restart(String why) -> {
        report(book.note(why));
        reports.restarted(egressId);
        link.renew();
      }
      case StallWatch.Verdict.GiveUp(Failure failure) -> follow(new Event.Broken(failure));
    }
  }

  private void follow(Event event) {
    Lifecycle.Step step = Lifecycle.next(state, event);
    state = step.state();
    for (Effect effect : step.effects()) {
      carryOut(effect);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case REPORT_ACTIVE -> report(book.status(EgressStatus.EGRESS_ACTIVE));
      case REPORT_ENDING -> {
        if (state instanceof State.Finishing finishing) {
          book.details(finishing.outcome().reason().details());
        }
        report(book.status(EgressStatus.EGRESS_ENDING));
        ending.countDown();
      }
      case FINISH -> leave();
      case REPORT_OUTCOME -> {
        if (state instanceof State.Ended ended) {
          EgressInfo last = book.outcome(ended.outcome());
          log(last);
          reports.last(last, files::ended);
        }
      }
    }
  }

  private void report(EgressInfo info) {
    log(info);
    reports.changed(info);
  }

  private static void log(EgressInfo info) {
    LOG.atInfo()
        .addKeyValue("status", info.getStatus())
        .addKeyValue("error", info.getError())
        .addKeyValue("details", info.getDetails())
        .log("egress status");
  }

  /** Leaves the room; what follows is done elsewhere. */
  private void leave() {
    long lastMomentNanos = link.lastMomentNanos(inbox.read(), time.nanos());
    leaving = Optional.of(Leaving.begin(time, lastMomentNanos, link.leave(), wake));
    moveToLongWork.run();
  }

  /** Takes the last frames and closes the file, once the room is left. */
  private void finish(Facts facts) {
    Leaving left = leaving.orElseThrow();
    if (!left.isOver(facts)) {
      return;
    }
    RecordingFile open = file;
    if (open == null) {
      fileEnd.none();
    } else {
      fileEnd
          .close(open, left.lastMomentNanos())
          .ifPresent(failure -> follow(new Event.Broken(failure)));
      progress = new Progress(open.seconds(), open.bytes(), -1);
      file = null;
    }
    follow(new Event.FileClosed());
  }
}
