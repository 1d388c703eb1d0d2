package io.spillway.core.egress;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What EgressInfo says of an egress that was recorded into several files: by a node, of the parts
 * in its spool; by a controller, of those of several nodes. Pure.
 */
public final class RecordedFiles {
  private RecordedFiles() {}

  /** The longest of those that are files: the first one while none has any length. */
  public static Optional<FileInfo> longest(List<FileInfo> files) {
    return files.stream()
        .filter(file -> !file.getLocation().isEmpty())
        .max(Comparator.comparingLong(FileInfo::getDuration));
  }

  /**
   * Says at the end how many files there are, if more than one, and puts the longest into the
   * single {@code file}, which is what older clients read.
   */
  @SuppressWarnings("deprecation")
  public static void conclude(EgressInfo.Builder info) {
    longest(info.getFileResultsList()).ifPresent(info::setFile);
    int files = info.getFileResultsCount();
    if (files > 1 && !info.getDetails().contains("recovered in")) {
      String before = info.getDetails().isEmpty() ? "" : info.getDetails() + ", ";
      info.setDetails(before + "recovered in " + files + " parts");
    }
  }
}
