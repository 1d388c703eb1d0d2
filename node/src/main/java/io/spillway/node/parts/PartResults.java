package io.spillway.node.parts;

import io.spillway.protocol.livekit.FileInfo;
import io.spillway.storage.Manifest;
import io.spillway.storage.spool.Part;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What EgressInfo says of the parts of an egress. Pure. */
public final class PartResults {
  private PartResults() {}

  /** The files of the parts that have one, in the order given. */
  public static List<FileInfo> files(List<Part> parts) {
    return parts.stream().filter(Part::hasMedia).map(PartResults::file).toList();
  }

  /**
   * The files of an egress, oldest first: what is known of them, but for the parts given what the
   * parts themselves say. So a part on another machine stays listed.
   *
   * @param parts of one spool, those without media too: what is known of their files is outdated
   */
  public static List<FileInfo> merged(List<FileInfo> known, List<Part> parts) {
    Set<String> ours = new HashSet<>();
    parts.forEach(part -> ours.add(part.file().recording()));
    Stream<FileInfo> others =
        known.stream()
            .filter(file -> !file.getLocation().isEmpty() && !ours.contains(file.getLocation()));
    return Stream.concat(others, files(parts).stream())
        .sorted(Comparator.comparingLong(FileInfo::getStartedAt))
        .toList();
  }

  /** The files as a manifest lists them. */
  public static List<Manifest.Output> outputs(List<FileInfo> files) {
    return files.stream()
        .filter(file -> !file.getLocation().isEmpty())
        .map(file -> new Manifest.Output(file.getFilename(), file.getLocation()))
        .toList();
  }

  private static FileInfo file(Part part) {
    return FileInfo.newBuilder()
        .setFilename(part.file().output())
        .setLocation(part.file().recording())
        .setStartedAt(part.file().startedAtNanos())
        .setEndedAt(part.file().endedAtNanos())
        .setDuration(part.file().durationNanos())
        .setSize(part.file().bytes())
        .build();
  }
}
