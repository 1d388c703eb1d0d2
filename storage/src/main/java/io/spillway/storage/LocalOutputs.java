package io.spillway.storage;

import io.spillway.storage.OutputRefusedException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Local files for recordings: inside the allowed folders, on a disk with room, and never over a
 * file that is there (LiveKit overwrites; here the next free {@code -n} is taken). Thread-safe; two
 * claims of one path, also by two processes, get two files.
 *
 * <p>Links are followed before a path is compared with the roots, and once more after its folders
 * were made. Someone who may change the folders under a root while we write is trusted with them.
 */
public final class LocalOutputs {
  private static final int MOST_NUMBERED = 10_000;
  private static final int CLAIM_TRIES = 3;

  private final LocalOutputSettings settings;
  private final FreeDisk disk;

  /** Nothing is touched before the first claim. */
  public LocalOutputs(LocalOutputSettings settings, FreeDisk disk) {
    this.settings = settings;
    this.disk = disk;
  }

  /**
   * Makes the folders and an empty file, which the caller now owns; {@link #release} gives an
   * unused one back.
   *
   * @param path from {@link FileNames}, prefix included
   * @return the file's absolute path, which may have {@code -n} before its extension
   * @throws OutputRefusedException when this path can't be had
   */
  public Path claim(String path) {
    requireAllowed();
    Path target = absolute(path);
    try {
      for (int tries = 1; ; tries++) {
        try {
          return claim(path, target);
        } catch (NoSuchFileException gone) {
          // another recording may have removed the folder that was just made, see below
          if (tries == CLAIM_TRIES) {
            throw gone;
          }
        }
      }
    } catch (IOException failure) {
      throw refused(Reason.NOT_WRITABLE, path, "can't be written: " + story(failure));
    }
  }

  private Path claim(String path, Path target) throws IOException {
    requireInside(path, realTarget(target));
    Path folder = parent(path, target);
    Files.createDirectories(folder);
    requireInside(path, folder.toRealPath());
    requireSpaceFor(path, folder);
    return createNew(path, target);
  }

  /**
   * Removes the folders that were made for a retry's file alone, once that was joined to the first
   * part's and removed: those without any content, below the first that both files lie in. There is
   * one only where the template has {@code {retry}} in a folder; one whose name doesn't hold that
   * number is somebody else's.
   *
   * @param retry as in {@link FileNameWish}
   */
  public void removeFolders(Path gone, Path first, int retry) {
    List<Path> made = new ArrayList<>();
    for (Path folder = gone.getParent();
        folder != null && !first.startsWith(folder);
        folder = folder.getParent()) {
      made.add(folder);
    }
    if (made.isEmpty() || !isOfRetry(made.getLast(), retry)) {
      return;
    }
    for (Path folder : made) {
      if (Files.isSymbolicLink(folder)) {
        return; // not made by us
      }
      try {
        Files.deleteIfExists(folder);
      } catch (IOException stays) {
        return; // something else lies in it, or it is not ours to remove: it does no harm
      }
    }
  }

  private static boolean isOfRetry(Path folder, int retry) {
    Path name = folder.getFileName();
    return name != null && name.toString().contains(Integer.toString(retry));
  }

  /**
   * Checks, as far as it can be known beforehand, that {@link #claim} would succeed: allowed, in a
   * folder that can be written, on a disk with room. Makes nothing.
   *
   * @throws OutputRefusedException as {@link #claim} would
   */
  public void require(String path) {
    requireAllowed();
    Path target = absolute(path);
    try {
      requireInside(path, realTarget(target));
      Path folder = existing(parent(path, target));
      if (!Files.isDirectory(folder)) {
        throw refused(
            Reason.NOT_WRITABLE, path, "can't be written: " + folder + " is a file, not a folder");
      }
      if (!Files.isWritable(folder)) {
        throw refused(Reason.NOT_WRITABLE, path, "can't be written: no permission for " + folder);
      }
      requireSpaceFor(path, folder);
    } catch (IOException failure) {
      throw refused(Reason.NOT_WRITABLE, path, "can't be written: " + story(failure));
    }
  }

  private void requireAllowed() {
    if (settings.disallowed()) {
      throw new OutputRefusedException(
          Reason.LOCAL_DISALLOWED,
          "output",
          "output needs a storage: local files are disallowed (disallow_local_storage)");
    }
  }

  /** Removes a claimed file that nothing was written to. */
  public void release(Path claimed) throws IOException {
    if (Files.isRegularFile(claimed, LinkOption.NOFOLLOW_LINKS) && Files.size(claimed) == 0) {
      Files.delete(claimed);
    }
  }

  /**
   * Checks that the disk of this folder (or of the nearest that exists above it) has {@code
   * min_free_disk} left after {@code bytes} more.
   *
   * @throws OutputRefusedException {@link Reason#NO_SPACE} when it hasn't
   */
  public void requireSpace(Path folder, long bytes) throws IOException {
    requireSpace(folder, bytes, "");
  }

  private void requireSpaceFor(String path, Path folder) throws IOException {
    requireSpace(folder, 0, " for filepath '" + path + "'");
  }

  private void requireSpace(Path folder, long bytes, String forWhat) throws IOException {
    long free = disk.usableBytes(existing(folder.toAbsolutePath())) - bytes;
    if (free < settings.minFreeBytes()) {
      throw new OutputRefusedException(
          Reason.NO_SPACE,
          "filepath",
          "no space left on %s%s: %d MiB are free, min_free_disk is %d MiB"
              .formatted(folder, forWhat, Math.max(0, free) >> 20, settings.minFreeBytes() >> 20));
    }
  }

  /**
   * Where a path comes to lie, links not followed. Touches no disk.
   *
   * @throws OutputRefusedException when it can't be a path
   */
  public Path absolute(String path) {
    try {
      return settings.workingFolder().resolve(path).toAbsolutePath().normalize();
    } catch (InvalidPathException failure) {
      // also when the JVM runs under a locale without these characters: LC_ALL=C.UTF-8 helps
      throw refused(Reason.INVALID_PATH, path, "is no path here: " + failure.getReason());
    }
  }

  private static Path parent(String path, Path target) {
    Path folder = target.getParent();
    if (folder == null) {
      throw refused(Reason.INVALID_PATH, path, "names no file");
    }
    return folder;
  }

  private void requireInside(String path, Path real) throws IOException {
    if (settings.roots().isEmpty()) {
      return;
    }
    for (Path root : settings.roots()) {
      Path allowed = settings.workingFolder().resolve(root).toAbsolutePath().normalize();
      if (real.startsWith(realTarget(allowed))) {
        return;
      }
    }
    throw refused(
        Reason.OUTSIDE_ROOTS, path, "lies outside of local_output_roots " + settings.roots());
  }

  /** Where a path that need not exist would come to lie, links of its existing part followed. */
  private static Path realTarget(Path path) throws IOException {
    Path existing = existing(path);
    return existing.toRealPath().resolve(existing.relativize(path)).normalize();
  }

  /**
   * The nearest that exists at or above an absolute path: on its disk a file would be. A link that
   * leads nowhere counts as existing, so that {@link Path#toRealPath} refuses it.
   */
  public static Path existing(Path path) {
    Path candidate = path;
    while (!Files.exists(candidate, LinkOption.NOFOLLOW_LINKS)) {
      Path above = candidate.getParent();
      if (above == null) {
        return candidate;
      }
      candidate = above;
    }
    return candidate;
  }

  private static Path createNew(String path, Path target) throws IOException {
    for (int n = 0; n < MOST_NUMBERED; n++) {
      Path candidate = n == 0 ? target : Path.of(FileNames.numbered(target.toString(), n));
      if (isCreated(candidate)) {
        return candidate;
      }
    }
    throw refused(
        Reason.NOT_WRITABLE, path, "is taken, and so are " + MOST_NUMBERED + " names like it");
  }

  /** False when the name is somebody's recording already: theirs stays. */
  private static boolean isCreated(Path file) throws IOException {
    try {
      Files.createFile(file);
      return true;
    } catch (FileAlreadyExistsException taken) {
      return false;
    }
  }

  private static String story(IOException failure) {
    return switch (failure) {
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      case FileAlreadyExistsException file -> file.getFile() + " is a file, not a folder";
      case NotDirectoryException file -> file.getFile() + " is a file, not a folder";
      case NoSuchFileException gone -> gone.getFile() + " does not exist";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static OutputRefusedException refused(Reason reason, String path, String story) {
    return new OutputRefusedException(reason, "filepath", "filepath '" + path + "' " + story);
  }
}
