package io.spillway.node.recovery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.bounded.Backoff;
import io.spillway.core.egress.EndReason;
import io.spillway.core.egress.Failure;
import io.spillway.core.egress.RecordedFiles;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.parts.PartResults;
import io.spillway.node.parts.PartSalvage;
import io.spillway.node.report.StatusReporter;
import io.spillway.node.request.PlanReader;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.PartsManifest;
import io.spillway.storage.spool.Spool;
import io.spillway.storage.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up, egress by egress and all at once, what the spool holds from an earlier process. A
 * little long: every way that such an egress can go stands here.
 */
public final class Recovery {
  /** How often the end is looked for of an egress that goes on elsewhere. */
  static final Duration LOOK_AGAIN_AFTER = Duration.ofMinutes(1);

  /** How long after it failed an egress is taken up again; doubled each time up to the most. */
  static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);

  static final Duration TRY_AGAIN_AT_MOST_AFTER = Duration.ofMinutes(1);

  /**
   * So often an egress that could not be taken up still counts as this node's, half a minute in
   * all. It is tried on after that, but controllers may give it to another node.
   */
  static final int HELD_TRIES = 5;

  private static final Backoff WAITS = new Backoff(TRY_AGAIN_AFTER, TRY_AGAIN_AT_MOST_AFTER);
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Spool spool;
  private final PartJoin join;
  private final PartSalvage salvage;
  private final PlanReader plans;
  private final StatusReporter reporter;
  private final Peers peers;
  private final Threads threads;
  private final LaterTry later;
  private final TimeSource time;
  private final Set<String> underWay = new HashSet<>(); // guarded by itself

  /**
   * Whom recovery asks.
   *
   * @param stored whoever keeps statuses, for an egress's; empty when it is unknown there; throws
   *     {@link RpcException} when nobody answers
   * @param nextEpoch the epoch after this one, under which this node may go on with an egress;
   *     empty when another node has it by now; throws as {@code stored} does
   * @param continuation begins the next part
   * @param takesLateParts whether whoever keeps statuses takes a part of an egress that has ended.
   *     livekit-server does not: it would tell of the same end once more
   */
  public record Peers(
      Function<String, Optional<EgressInfo>> stored,
      BiFunction<String, Integer, Optional<Integer>> nextEpoch,
      Function<TrackPlan, EgressInfo> continuation,
      boolean takesLateParts) {}

  /**
   * On what it runs.
   *
   * @param each one task per egress, which waits for answers
   * @param longWork makes files whole: few threads of their own, because a hung disk holds them
   */
  public record Threads(Executor each, Executor longWork) {}

  /**
   * Takes up what {@code spool} holds; {@code salvage} makes each part whole, {@code join} one file
   * of several.
   */
  public Recovery(
      Spool spool,
      PartSalvage salvage,
      PartJoin join,
      PlanReader plans,
      StatusReporter reporter,
      Peers peers,
      Threads threads,
      TimeSource time) {
    this.spool = spool;
    this.join = join;
    this.salvage = salvage;
    this.plans = plans;
    this.reporter = reporter;
    this.peers = peers;
    this.threads = threads;
    this.later = new LaterTry(time, threads.each());
    this.time = time;
  }

  /** The egresses that are being taken up now. */
  public Set<String> underWay() {
    synchronized (underWay) {
      return Set.copyOf(underWay);
    }
  }

  /** Waits until every egress is taken up, at most until the deadline. */
  public boolean awaitDone(Deadline deadline) throws InterruptedException {
    return deadline.await(underWay, underWay::isEmpty);
  }

  /**
   * Begins to take up every egress in the spool; returns how many there are. Those in folders that
   * the file system does not list follow when it does.
   *
   * @param left the newest status of each egress that the earlier process left in its journal
   */
  public int start(Map<String, EgressInfo> left) {
    return new SpoolLooks(spool, threads.longWork(), time, parts -> takeUpAll(parts, left)).first();
  }

  private int takeUpAll(List<Part> found, Map<String, EgressInfo> left) {
    TreeMap<String, List<Part>> egresses = new TreeMap<>();
    for (Part part : found) {
      egresses.computeIfAbsent(part.egressId(), _ -> new ArrayList<>()).add(part);
    }
    for (List<Part> parts : egresses.values()) {
      parts.sort(Comparator.comparingInt(Part::epoch));
      synchronized (underWay) {
        underWay.add(parts.getLast().egressId());
      }
      threads
          .each()
          .execute(
              () -> takeUp(parts, Optional.ofNullable(left.get(parts.getLast().egressId())), 1));
    }
    return egresses.size();
  }

  private void takeUp(List<Part> parts, Optional<EgressInfo> left, int tries) {
    String egressId = parts.getLast().egressId();
    boolean isHeld = false;
    try {
      List<Part> whole =
          onLongWork(() -> join.takeUp(parts).stream().map(salvage::finish).toList());
      Optional<byte[]> request = request(whole.getLast());
      Verdict verdict = Verdict.of(left.map(EgressInfo::getStatus), request.isPresent());
      Optional<EgressInfo> known = left;
      Optional<EgressInfo> stored = Optional.empty();
      Optional<Integer> granted = Optional.empty();
      if (verdict != Verdict.FORGET) {
        stored = peers.stored.apply(egressId);
        known = newest(stored, left);
        verdict = Verdict.of(known.map(EgressInfo::getStatus), request.isPresent());
        if (verdict != Verdict.FORGET && wentOn(stored, whole.getLast())) {
          granted = grantedBefore(whole.getLast());
          verdict = granted.isPresent() ? verdict : Verdict.FORGET;
        }
      }
      LOG.atInfo()
          .addKeyValue("egress", egressId)
          .addKeyValue("parts", whole.size())
          .addKeyValue("verdict", verdict)
          .log("taking up an egress of an earlier process");
      switch (verdict) {
        case FORGET -> {
          if (stored.isPresent()) {
            tellLate(whole, stored.get());
          } else {
            forget(whole); // its last status is on its way
          }
        }
        case COMPLETE -> end(whole, known, epoch(granted, whole), nothingRecorded(whole));
        case GIVE_UP -> end(whole, known, epoch(granted, whole), Optional.of(Failure.nodeLost()));
        case CONTINUE -> goOn(whole, known, granted, request.orElseThrow());
      }
    } catch (RuntimeException | Error failure) {
      isHeld = tryAgain(parts.getLast(), left, tries) && tries < HELD_TRIES;
      LOG.atError()
          .addKeyValue("egress", egressId)
          .addKeyValue("tries", tries)
          .setCause(failure)
          .log("an egress of an earlier process could not be taken up, it is tried again");
    } finally {
      if (!isHeld) {
        release(egressId);
      }
    }
  }

  private void release(String egressId) {
    synchronized (underWay) {
      underWay.remove(egressId);
      underWay.notifyAll();
    }
  }

  /** False when the node is closing: then the next start does. */
  private boolean tryAgain(Part last, Optional<EgressInfo> left, int tries) {
    if (Thread.currentThread().isInterrupted()) {
      return false;
    }
    later.after(
        WAITS.longestAfter(tries),
        () -> takeUpAgain(last, left, tries + 1),
        () -> release(last.egressId()));
    return true;
  }

  /**
   * With what the spool holds by now: the try before may have come far. A part of a later epoch is
   * not looked at: by then a controller may have begun the egress here anew.
   */
  private void takeUpAgain(Part last, Optional<EgressInfo> left, int tries) {
    String egressId = last.egressId();
    List<Part> parts;
    try {
      parts =
          spool.list(egressId).stream()
              .filter(part -> part.epoch() <= last.epoch())
              .sorted(Comparator.comparingInt(Part::epoch))
              .toList();
    } catch (SpoolException unreadable) {
      LOG.atError()
          .addKeyValue("egress", egressId)
          .setCause(unreadable)
          .log("the spool can't be read, an egress of an earlier process is tried again");
      if (!tryAgain(last, left, tries) || tries >= HELD_TRIES) {
        release(egressId);
      }
      return;
    }
    if (parts.isEmpty()) {
      release(egressId);
    } else {
      takeUp(parts, left, tries);
    }
  }

  private static int epoch(Optional<Integer> granted, List<Part> parts) {
    return granted.orElse(parts.getLast().epoch());
  }

  /**
   * The stored epoch is newer than the spool's: another node has the egress, or an earlier process
   * of this one was given it and died before its spool said so. Whoever gave it knows.
   */
  private Optional<Integer> grantedBefore(Part last) {
    return peers.takesLateParts()
        ? peers.nextEpoch.apply(last.egressId(), last.epoch())
        : Optional.empty();
  }

  private static boolean wentOn(Optional<EgressInfo> stored, Part last) {
    return stored.map(EgressInfo::getRetryCount).orElse(0) >= last.epoch();
  }

  /** A stored end stands, whatever else is known. */
  private static Optional<EgressInfo> newest(
      Optional<EgressInfo> stored, Optional<EgressInfo> left) {
    boolean isOver = Verdict.of(stored.map(EgressInfo::getStatus), true) == Verdict.FORGET;
    if (isOver || left.isEmpty()) {
      return stored;
    }
    return stored.filter(info -> info.getUpdatedAt() > left.get().getUpdatedAt()).or(() -> left);
  }

  /** What the spool keeps; a request that can't be opened (its key is gone) is as good as none. */
  private Optional<byte[]> request(Part part) {
    try {
      return spool.request(part);
    } catch (SpoolException unreadable) {
      LOG.atError()
          .addKeyValue("egress", part.egressId())
          .setCause(unreadable)
          .log("a kept request can't be read");
      return Optional.empty();
    }
  }

  /** Waits for as long as the files take; a node that closes interrupts it. */
  private List<Part> onLongWork(Callable<List<Part>> work) {
    FutureTask<List<Part>> task = new FutureTask<>(work);
    threads.longWork().execute(task);
    try {
      return task.get();
    } catch (ExecutionException defect) {
      throw new IllegalStateException("the files could not be made whole", defect);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new RpcException(RpcCode.UNAVAILABLE, "server is shutting down", stopping);
    }
  }

  /** Goes on as the next epoch; the recorder ends it as lost if the track is not there any more. */
  private void goOn(
      List<Part> parts, Optional<EgressInfo> known, Optional<Integer> before, byte[] request) {
    Part last = parts.getLast();
    Optional<Integer> granted =
        before.or(() ->
            known.isEmpty() // then nobody could be given it either
                ? Optional.of(last.epoch() + 1)
                : peers.nextEpoch.apply(last.egressId(), last.epoch()));
    if (granted.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("egress", last.egressId())
          .log("another node goes on with an egress of an earlier process, or it has ended");
      if (peers.takesLateParts()) {
        lookAgain(parts);
      } else {
        forget(parts);
      }
      return;
    }
    int nextEpoch = granted.get();
    try {
      StartEgressRequest again =
          StartEgressRequest.parseFrom(request).toBuilder().setRetryCount(nextEpoch - 1).build();
      TrackPlan plan = plans.read(again, time.unixNanos());
      EgressInfo info = base(plan.info(), parts, known).setRetryCount(nextEpoch - 1).build();
      var _ = peers.continuation.apply(plan.continuing(info, parts));
    } catch (RpcException refused) {
      if (refused.code() == RpcCode.UNAVAILABLE) {
        throw refused; // the disk or the bus does not answer, or the node ends: tried again
      }
      end(parts, known, nextEpoch, Optional.of(Failure.nodeLost()));
    } catch (InvalidProtocolBufferException unusable) {
      LOG.atWarn()
          .addKeyValue("egress", parts.getLast().egressId())
          .setCause(unusable)
          .log("an egress can't go on, it ends with what was recorded");
      end(parts, known, nextEpoch, Optional.of(Failure.nodeLost()));
    }
  }

  private static EgressInfo.Builder base(
      EgressInfo fresh, List<Part> parts, Optional<EgressInfo> known) {
    EgressInfo.Builder info = known.orElse(fresh).toBuilder();
    return info.clearFileResults()
        .addAllFileResults(PartResults.merged(info.getFileResultsList(), parts))
        .addFileResults(FileInfo.getDefaultInstance());
  }

  /** As its recorder would have ended it. */
  private static Optional<Failure> nothingRecorded(List<Part> parts) {
    return parts.stream().anyMatch(Part::hasMedia)
        ? Optional.empty()
        : Optional.of(Failure.nothingRecorded(parts.getLast().track().id()));
  }

  private void end(
      List<Part> apart, Optional<EgressInfo> known, int epoch, Optional<Failure> failure) {
    List<Part> parts = onLongWork(() -> join.join(apart));
    Part last = parts.getLast();
    long now = time.unixNanos();
    EgressInfo.Builder info =
        known
            .map(EgressInfo::toBuilder)
            .orElseGet(() ->
                EgressInfo.newBuilder()
                    .setEgressId(last.egressId())
                    .setRoomId(last.room().id())
                    .setRoomName(last.room().name()));
    List<FileInfo> files = PartResults.merged(info.getFileResultsList(), parts);
    info.clearFileResults()
        .addAllFileResults(files)
        .setRetryCount(epoch - 1)
        .setUpdatedAt(Math.max(now, info.getUpdatedAt() + 1))
        .setEndedAt(now)
        .setStatus(failure.isPresent() ? EgressStatus.EGRESS_FAILED : EgressStatus.EGRESS_COMPLETE);
    failure.ifPresent(why -> info.setError(why.text()).setErrorCode(why.code()));
    boolean endTold =
        known.filter(told -> told.getStatus() == EgressStatus.EGRESS_ENDING).isPresent();
    if (!endTold || info.getDetails().isEmpty()) { // else ENDING told why the end came
      info.setDetails((failure.isPresent() ? EndReason.FAILURE : EndReason.STOP_CALLED).details());
    }
    RecordedFiles.conclude(info);
    manifest(info, parts, now);
    reporter.ended(info.build(), () -> forget(parts));
  }

  private static void manifest(EgressInfo.Builder info, List<Part> parts, long endedAt) {
    PartsManifest.write(
            parts.stream().filter(Part::hasMedia).toList(),
            PartResults.outputs(info.getFileResultsList()),
            info.getStartedAt(),
            endedAt)
        .ifPresent(place -> info.setManifestLocation(place.toString()));
  }

  /**
   * The egress ended without this node, or went on elsewhere: what was recorded here comes late. It
   * is told once more under the end that is stored, so that the file is listed; while the egress
   * goes on, that end is awaited.
   */
  private void tellLate(List<Part> apart, EgressInfo stored) {
    List<Part> parts = onLongWork(() -> join.join(apart));
    boolean isNew = parts.stream().anyMatch(part -> part.hasMedia() && !isTold(part, stored));
    if (!peers.takesLateParts() || !isNew) {
      forget(parts);
    } else if (Verdict.of(Optional.of(stored.getStatus()), true) != Verdict.FORGET) {
      lookAgain(parts);
    } else {
      List<FileInfo> files = PartResults.merged(stored.getFileResultsList(), parts);
      EgressInfo.Builder info =
          stored.toBuilder()
              .clearFileResults()
              .addAllFileResults(files)
              .setRetryCount(parts.getLast().epoch() - 1)
              .setUpdatedAt(Math.max(time.unixNanos(), stored.getUpdatedAt() + 1));
      RecordedFiles.conclude(info);
      manifest(info, parts, stored.getEndedAt());
      LOG.atInfo()
          .addKeyValue("egress", stored.getEgressId())
          .addKeyValue("files", files.size())
          .log("a part of an egress that has ended comes late and is told");
      reporter.ended(info.build(), () -> forget(parts));
    }
  }

  private static boolean isTold(Part part, EgressInfo stored) {
    return stored.getFileResultsList().stream()
        .anyMatch(file -> file.getLocation().equals(part.file().recording()) && file.getSize() > 0);
  }

  private void lookAgain(List<Part> parts) {
    later.after(
        LOOK_AGAIN_AFTER,
        () -> takeUp(parts, Optional.empty(), 1),
        () -> release(parts.getLast().egressId()));
  }

  private void forget(List<Part> parts) {
    try {
      parts.forEach(spool::erase);
    } catch (SpoolException leftover) {
      LOG.atWarn()
          .setCause(leftover)
          .log("the spool could not forget an ended egress, the next start does");
    }
  }
}
