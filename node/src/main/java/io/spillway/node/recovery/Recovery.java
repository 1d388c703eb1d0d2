package io.spillway.node.recovery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.egress.EndReason;
import io.spillway.core.egress.Failure;
import io.spillway.core.media.Codec;
import io.spillway.core.time.TimeSource;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.Salvage;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes up, egress by egress and all at once, what the spool holds from an earlier process. */
public final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Spool spool;
  private final PlanReader plans;
  private final StatusReporter reporter;
  private final Peers peers;
  private final Threads threads;
  private final TimeSource time;
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  /**
   * Whom recovery asks.
   *
   * @param stored whoever keeps statuses, for an egress's; empty when it is unknown there; throws
   *     {@link RpcException} when nobody answers
   * @param ended whether an egress's last status is in this node's journal, on its way
   * @param nextEpoch the epoch after this one, under which this node may go on with an egress;
   *     empty when another node has it by now; throws as {@code stored} does
   * @param continuation begins the next part
   */
  public record Peers(
      Function<String, Optional<EgressInfo>> stored,
      Predicate<String> ended,
      BiFunction<String, Integer, Optional<Integer>> nextEpoch,
      Function<TrackPlan, EgressInfo> continuation) {}

  /**
   * On what it runs.
   *
   * @param each one task per egress, which waits for answers
   * @param longWork makes files whole: few threads of their own, because a hung disk holds them
   */
  public record Threads(Executor each, Executor longWork) {}

  /** Takes up what {@code spool} holds. */
  public Recovery(
      Spool spool,
      PlanReader plans,
      StatusReporter reporter,
      Peers peers,
      Threads threads,
      TimeSource time) {
    this.spool = spool;
    this.plans = plans;
    this.reporter = reporter;
    this.peers = peers;
    this.threads = threads;
    this.time = time;
  }

  /** The egresses that are being taken up now. */
  public Set<String> underWay() {
    return Set.copyOf(underWay);
  }

  /** Begins to take up every egress in the spool; returns how many there are. */
  public int start() {
    TreeMap<String, List<Part>> egresses = new TreeMap<>();
    for (Part part : spool.list()) {
      egresses.computeIfAbsent(part.egressId(), _ -> new ArrayList<>()).add(part);
    }
    for (List<Part> parts : egresses.values()) {
      parts.sort(Comparator.comparingInt(Part::epoch));
      underWay.add(parts.getLast().egressId());
      threads.each().execute(() -> takeUp(parts));
    }
    return egresses.size();
  }

  private void takeUp(List<Part> parts) {
    String egressId = parts.getLast().egressId();
    try {
      List<Part> whole = finished(parts);
      if (peers.ended.test(egressId)) {
        whole.forEach(spool::erase); // its last status is on its way: nothing is left to do
        return;
      }
      Optional<EgressInfo> known = peers.stored.apply(egressId);
      Optional<byte[]> request = request(whole.getLast());
      boolean elsewhere = known.map(EgressInfo::getRetryCount).orElse(0) >= whole.getLast().epoch();
      Verdict verdict =
          elsewhere
              ? Verdict.FORGET
              : Verdict.of(known.map(EgressInfo::getStatus), request.isPresent());
      LOG.atInfo()
          .addKeyValue("egress", egressId)
          .addKeyValue("parts", whole.size())
          .addKeyValue("verdict", verdict)
          .log("taking up an egress of an earlier process");
      switch (verdict) {
        case FORGET -> whole.forEach(spool::erase);
        case COMPLETE -> end(whole, known, whole.getLast().epoch(), Optional.empty());
        case GIVE_UP -> end(whole, known, whole.getLast().epoch(), Optional.of(Failure.nodeLost()));
        case CONTINUE -> goOn(whole, known, request.orElseThrow());
      }
    } catch (RuntimeException failure) {
      LOG.atError()
          .addKeyValue("egress", egressId)
          .setCause(failure)
          .log("an egress of an earlier process could not be taken up, the next start tries again");
    } finally {
      underWay.remove(egressId);
    }
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
  private List<Part> finished(List<Part> parts) {
    FutureTask<List<Part>> task = new FutureTask<>(() -> parts.stream().map(this::finish).toList());
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

  /** Makes a part's file whole, and notes it. */
  private Part finish(Part part) {
    if (part.state() != Part.State.RECORDING || part.file().recording().isEmpty()) {
      return part;
    }
    Path file = Path.of(part.file().recording());
    Codec codec = Codec.ofMimeType(part.track().codec()).orElse(Codec.OPUS);
    try {
      if (!Files.exists(file)) {
        return noted(part.finished(part.file().startedAtNanos(), 0, 0));
      }
      TrackWriter.Finished saved = Salvage.finish(file, codec);
      if (saved.durationTicks() == 0) {
        Files.deleteIfExists(file);
      }
      long duration = Math.round(saved.durationTicks() * 1e9 / codec.clockRate());
      return noted(part.finished(part.file().startedAtNanos() + duration, duration, saved.bytes()));
    } catch (IOException failure) {
      LOG.atError()
          .addKeyValue("egress", part.egressId())
          .addKeyValue("file", file)
          .setCause(failure)
          .log("a recording of an earlier process could not be finished, it stays as it is");
      return asItIs(part, file);
    }
  }

  /** A file that nobody could finish is still somebody's recording: it is told with its size. */
  private static Part asItIs(Part part, Path file) {
    try {
      return part.finished(part.file().startedAtNanos(), 1, Files.size(file));
    } catch (IOException gone) {
      return part;
    }
  }

  private Part noted(Part part) {
    try {
      spool.update(part);
    } catch (SpoolException full) {
      LOG.atWarn()
          .addKeyValue("egress", part.egressId())
          .setCause(full)
          .log("a finished part could not be noted, the next start finishes it again");
    }
    return part;
  }

  private static List<FileInfo> files(List<Part> parts) {
    return parts.stream()
        .filter(Part::hasMedia)
        .map(part ->
            FileInfo.newBuilder()
                .setFilename(part.file().output())
                .setLocation(part.file().recording())
                .setStartedAt(part.file().startedAtNanos())
                .setEndedAt(part.file().endedAtNanos())
                .setDuration(part.file().durationNanos())
                .setSize(part.file().bytes())
                .build())
        .toList();
  }

  /** Goes on as the next epoch; the recorder ends it as lost if the track is not there any more. */
  private void goOn(List<Part> parts, Optional<EgressInfo> known, byte[] request) {
    Part last = parts.getLast();
    Optional<Integer> granted =
        known.isEmpty() // then nobody could be given it either
            ? Optional.of(last.epoch() + 1)
            : peers.nextEpoch.apply(last.egressId(), last.epoch());
    if (granted.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("egress", last.egressId())
          .log("another node goes on with an egress of an earlier process, or it has ended");
      forget(parts);
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
        throw refused; // shutting down: the parts stay for the next start
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
        .addAllFileResults(files(parts))
        .addFileResults(FileInfo.getDefaultInstance());
  }

  private void end(
      List<Part> parts, Optional<EgressInfo> known, int epoch, Optional<Failure> failure) {
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
    info.clearFileResults()
        .addAllFileResults(files(parts))
        .setRetryCount(epoch - 1)
        .setUpdatedAt(Math.max(now, info.getUpdatedAt() + 1))
        .setEndedAt(now)
        .setStatus(failure.isPresent() ? EgressStatus.EGRESS_FAILED : EgressStatus.EGRESS_COMPLETE);
    failure.ifPresent(why ->
        info.setError(why.text()).setErrorCode(why.code()).setDetails(EndReason.FAILURE.details()));
    setLongest(info);
    List<Part> recorded = parts.stream().filter(Part::hasMedia).toList();
    PartsManifest.write(recorded, info.getStartedAt(), now)
        .ifPresent(place -> info.setManifestLocation(place.toString()));
    reporter.ended(info.build(), () -> forget(parts));
  }

  @SuppressWarnings("deprecation") // the single `file` is what older clients read
  private static void setLongest(EgressInfo.Builder info) {
    info.getFileResultsList().stream()
        .max(Comparator.comparingLong(FileInfo::getDuration))
        .ifPresent(info::setFile);
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
