package io.spillway.store.sql;

import io.spillway.core.egress.RecordedFiles;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoredEgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The files of an egress that several nodes recorded, one after the other: each reports its own
 * only. A file is known by its location. Pure.
 */
final class FileResults {
  private static final Comparator<FileInfo> BY_TIME =
      Comparator.comparingLong(
          file -> file.getStartedAt() == 0 ? Long.MAX_VALUE : file.getStartedAt());

  private FileResults() {}

  /** What stays of a recorder's files when the egress is taken from it: those that are whole. */
  static EgressInfo kept(EgressInfo earlier, EgressInfo info) {
    List<FileInfo> whole = whole(info.getFileResultsList());
    return EgressInfo.newBuilder()
        .addAllFileResults(merged(earlier.getFileResultsList(), whole))
        .build();
  }

  /** A report with the files of those who had the egress before, and its first moment. */
  static EgressInfo with(StoredEgress stored, EgressInfo earlier, StatusUpdate update) {
    EgressInfo.Builder info = update.info().toBuilder();
    boolean recorded = stored.info().getStatus().getNumber() > 0 && update.epoch() > 1;
    if (recorded && stored.info().getStartedAt() > 0) {
      long told = info.getStartedAt() == 0 ? Long.MAX_VALUE : info.getStartedAt();
      info.setStartedAt(Math.min(stored.info().getStartedAt(), told));
    }
    List<FileInfo> all = merged(earlier.getFileResultsList(), info.getFileResultsList());
    if (all.size() > info.getFileResultsCount()) {
      info.clearFileResults().addAllFileResults(all);
      conclude(info);
    }
    return info.build();
  }

  /** The stored egress with those of the told files that it doesn't list; empty: none is new. */
  static Optional<EgressInfo> late(EgressInfo stored, EgressInfo told) {
    List<FileInfo> all = merged(whole(told.getFileResultsList()), stored.getFileResultsList());
    if (all.size() == stored.getFileResultsCount()) {
      return Optional.empty();
    }
    EgressInfo.Builder info = stored.toBuilder().clearFileResults().addAllFileResults(all);
    if (StatusOrder.isFinal(stored.getStatus())) {
      info.setUpdatedAt(Math.max(told.getUpdatedAt(), stored.getUpdatedAt()));
      if (!told.getManifestLocation().isEmpty()) {
        info.setManifestLocation(told.getManifestLocation());
      }
      conclude(info);
    }
    return Optional.of(info.build());
  }

  /** {@code newer}, and those of {@code older} that it doesn't name, in the order of time. */
  private static List<FileInfo> merged(List<FileInfo> older, List<FileInfo> newer) {
    Set<String> named = new HashSet<>();
    newer.forEach(file -> named.add(file.getLocation()));
    List<FileInfo> all = new ArrayList<>(newer);
    older.stream().filter(file -> !named.contains(file.getLocation())).forEach(all::add);
    if (all.size() > newer.size()) {
      all.sort(BY_TIME); // stable: what has no time yet stays last, in its order
    }
    return all;
  }

  private static List<FileInfo> whole(List<FileInfo> files) {
    return files.stream()
        .filter(file -> !file.getLocation().isEmpty() && file.getSize() > 0)
        .toList();
  }

  /** At the end those stay listed that are whole: a recorder that came too late has none. */
  private static void conclude(EgressInfo.Builder info) {
    List<FileInfo> whole = whole(info.getFileResultsList());
    if (StatusOrder.isFinal(info.getStatus()) && !whole.isEmpty()) {
      RecordedFiles.conclude(info.clearFileResults().addAllFileResults(whole));
    }
  }
}
