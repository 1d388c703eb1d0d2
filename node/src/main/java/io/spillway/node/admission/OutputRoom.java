package io.spillway.node.admission;

import io.spillway.storage.FileNames;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.OutputRefusedException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Whether the disks that recordings go to have room, as far as is known beforehand: a node that
 * would refuse for want of it must not bid as one that takes the request. Thread-safe; asking never
 * touches a disk, {@link #sample} does, on a thread for files.
 *
 * <p>Where a file goes is only known with its request. So the folders that requests named lately
 * are looked at too; one that was never looked at is taken for the nearest above it that was. That
 * guess decides a bid and never a start: whoever is chosen looks at the very folder. On a disk that
 * hangs the last look counts.
 */
public final class OutputRoom {
  /** Folders named by requests that are looked at each time. */
  static final int MOST_ASKED = 8;

  private final LocalOutputs outputs;
  private final String storagePrefix;
  private final boolean rooted;
  private final List<Path> places;
  private final Executor disk;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final LinkedHashSet<Path> asked = new LinkedHashSet<>(); // guarded by itself
  private volatile Look last = new Look(Map.of(), Optional.empty());

  /** What was found: each folder that was looked at, with what it lacks, and what all lack. */
  private record Look(Map<Path, Optional<String>> folders, Optional<String> everywhere) {}

  /**
   * Nothing is known before the first {@link #sample}.
   *
   * @param roots {@code local_output_roots}; where there are none recordings may go anywhere
   * @param data the node's data folder, looked at where nothing says more
   * @param disk threads for files, which a hung disk may hold: at most one of them is used
   */
  public OutputRoom(
      LocalOutputs outputs, String storagePrefix, List<Path> roots, Path data, Executor disk) {
    this.outputs = outputs;
    this.storagePrefix = storagePrefix;
    this.rooted = !roots.isEmpty();
    this.places =
        (rooted
                ? roots.stream().map(root -> outputs.absolute(root.toString()))
                : Stream.of(outputs.absolute(storagePrefix), data.toAbsolutePath(), Path.of("/")))
            .toList();
    this.disk = disk;
  }

  /** Looks at the disks, soon and elsewhere. Called once a second by the node. */
  public void sample() {
    if (!looking.compareAndSet(false, true)) {
      return; // the last look still hangs
    }
    try {
      disk.execute(() -> {
        try {
          look();
        } finally {
          looking.set(false);
        }
      });
    } catch (RejectedExecutionException closing) {
      looking.set(false);
    }
  }

  private void look() {
    List<Path> named;
    synchronized (asked) {
      named = List.copyOf(asked);
    }
    Map<Path, Optional<String>> folders = new HashMap<>();
    places.forEach(place -> folders.put(place, lack(place)));
    for (Path folder : named) {
      folders.put(folder, lack(folder));
      // rooms and days get folders of their own: what holds for one holds for its neighbours
      Path there = LocalOutputs.existing(folder);
      Stream.of(there, Optional.ofNullable(there.getParent()).orElse(there))
          .forEach(above -> folders.computeIfAbsent(above, this::lack));
    }
    Collection<Path> judged = rooted || named.isEmpty() ? places : named;
    List<Optional<String>> lacks = judged.stream().map(place -> found(folders, place)).toList();
    boolean none = lacks.stream().allMatch(Optional::isPresent);
    last = new Look(folders, none ? lacks.getFirst() : Optional.empty());
  }

  /** What else may be wrong with a folder a start will say. */
  private Optional<String> lack(Path folder) {
    try {
      outputs.requireSpace(folder, 0);
      return Optional.empty();
    } catch (OutputRefusedException full) {
      return Optional.of(String.valueOf(full.getMessage()));
    } catch (IOException untold) {
      return Optional.empty();
    }
  }

  /**
   * Why a recording under this template would be refused now. Quick: called on the bus's reader.
   *
   * @param filepath as a request names it; its folder is looked at from the next time on
   */
  public Optional<String> refusal(String filepath) {
    Path folder;
    try {
      folder = outputs.absolute(FileNames.withPrefix(storagePrefix, fixedFolder(filepath)));
    } catch (OutputRefusedException | InvalidPathException noPath) {
      return Optional.empty();
    }
    synchronized (asked) {
      asked.remove(folder);
      asked.add(folder); // behind those named earlier
      if (asked.size() > MOST_ASKED) {
        asked.removeFirst();
      }
    }
    return found(last.folders(), folder);
  }

  private static Optional<String> found(Map<Path, Optional<String>> folders, Path folder) {
    for (Path at = folder; at != null; at = at.getParent()) {
      if (folders.containsKey(at)) {
        return folders.getOrDefault(at, Optional.empty());
      }
    }
    return Optional.empty();
  }

  /** Up to the first placeholder. */
  private static String fixedFolder(String filepath) {
    int placeholder = filepath.indexOf('{');
    String fixed = placeholder < 0 ? filepath : filepath.substring(0, placeholder);
    return fixed.substring(0, fixed.lastIndexOf('/') + 1);
  }

  /**
   * Why no recording would be taken now, wherever it goes: no place that is configured has room, or
   * where none is, none that requests named lately.
   */
  public Optional<String> refusal() {
    return last.everywhere();
  }
}
