package io.spillway.storage.spool;

import io.spillway.storage.AtomicFile;
import io.spillway.storage.FolderLock;
import io.spillway.storage.seal.Seal;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of recordings under way: {@code <egress id>/<epoch>/} holds {@code part.json}, the
 * sealed request and, when the output isn't local, the recording itself. Thread-safe as long as one
 * thread at a time works on a part. One process owns a spool: a second would salvage files that the
 * first still writes. A little long: what a failing disk does to each of these is answered here.
 */
public final class Spool implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Spool.class);
  private static final String PART = "part.json";
  private static final String REQUEST = "request.sealed";
  private static final String JOIN = "join.json";

  private final Path root;
  private final Seal seal;
  private final FolderLock lock;
  private final Folders disk;

  /** The folders of the parts that this process began. */
  private final Set<Path> begun = ConcurrentHashMap.newKeySet();

  private volatile List<Path> unlisted = List.of();

  /** Which folders are in a folder; the file system's answer but in tests. */
  @FunctionalInterface
  public interface Folders {
    /** In no order. */
    List<Path> in(Path folder) throws IOException;
  }

  private Spool(Path root, Seal seal, FolderLock lock, Folders disk) {
    this.root = root;
    this.seal = seal;
    this.lock = lock;
    this.disk = disk;
  }

  /**
   * Opens or makes a spool. Folders that can't be listed don't hinder it: see {@link #list}.
   *
   * @throws SpoolException when another process owns it, or it can't be written
   */
  public static Spool open(Path root, Seal seal) {
    return open(root, seal, Spool::folders);
  }

  /** The same with another view of the disk. */
  public static Spool open(Path root, Seal seal, Folders disk) {
    try {
      FolderLock lock =
          FolderLock.take(root, "spool.lock")
              .orElseThrow(() ->
                  new SpoolException(
                      "another node owns the spool %s: give each node a data folder of its own"
                          .formatted(root)));
      Spool spool = new Spool(root.toRealPath(), seal, lock, disk);
      spool.sweep();
      return spool;
    } catch (IOException failure) {
      throw new SpoolException("could not open the spool " + root, failure);
    }
  }

  /**
   * Removes what a crash left of parts that were being begun or erased: a part begins to be one
   * with its {@code part.json}, before a byte is recorded, and ceases to be one without it. What
   * the disk refuses stays for the next start.
   */
  private void sweep() {
    for (Path egress : foldersOr(root, new ArrayList<>())) {
      try {
        sweep(egress);
      } catch (IOException failure) {
        log.atWarn()
            .addKeyValue("folder", egress)
            .setCause(failure)
            .log("a folder of the spool could not be tidied");
      }
    }
  }

  private void sweep(Path egress) throws IOException {
    for (Path epoch : disk.in(egress)) {
      if (!Files.exists(epoch.resolve(PART))) {
        deleteFolder(epoch);
      }
    }
    if (disk.in(egress).isEmpty()) {
      Files.deleteIfExists(egress.resolve(JOIN)); // its parts are forgotten
    }
    if (isEmpty(egress)) {
      Files.delete(egress);
    }
  }

  private static List<Path> folders(Path folder) throws IOException {
    List<Path> folders = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isDirectory)) {
      entries.forEach(folders::add);
    } catch (DirectoryIteratorException unlistable) { // after it was opened
      throw unlistable.getCause();
    }
    return folders;
  }

  /** None, and {@code folder} is noted, where the disk does not tell. */
  private List<Path> foldersOr(Path folder, List<Path> untold) {
    try {
      return disk.in(folder);
    } catch (IOException failure) {
      log.atError()
          .addKeyValue("folder", folder)
          .addKeyValue("why", failure.toString())
          .log("a folder of the spool can't be listed: what it holds is not known");
      untold.add(folder);
      return List.of();
    }
  }

  /**
   * Keeps a new part, durable on return.
   *
   * @param request the full request, sealed here before it touches the disk
   * @throws SpoolException when this egress and epoch are in the spool already, or the disk fails
   */
  public void create(Part part, byte[] request) {
    Path folder = folder(part);
    if (Files.exists(folder)) {
      throw begunBefore(part);
    }
    begun.add(folder);
    try {
      Path ofEgress = Files.createDirectories(root.resolve(part.egressId()));
      Files.createDirectory(folder);
      AtomicFile.writeSecret(folder.resolve(REQUEST), seal.seal(request, part.egressId()));
      AtomicFile.write(folder.resolve(PART), PartJson.write(part));
      AtomicFile.syncFolder(ofEgress);
      AtomicFile.syncFolder(root);
    } catch (FileAlreadyExistsException twice) {
      begun.remove(folder);
      throw begunBefore(part);
    } catch (IOException failure) {
      undo(folder, failure);
      begun.remove(folder);
      throw failed("keep", part, failure);
    }
  }

  private static SpoolException begunBefore(Part part) {
    return new SpoolException(
        "epoch %d of egress %s is in the spool already: it was not begun again"
            .formatted(part.epoch(), part.egressId()));
  }

  private static void undo(Path folder, IOException failure) {
    try {
      deleteFolder(folder);
    } catch (IOException again) {
      failure.addSuppressed(again); // the sweep at the next start does it
    }
  }

  /** Replaces what is kept of a part, durable on return. */
  public void update(Part part) {
    try {
      AtomicFile.write(folder(part).resolve(PART), PartJson.write(part));
    } catch (IOException failure) {
      throw failed("update", part, failure);
    }
  }

  /**
   * Every part that can be read, in no order. One that can't (damaged, or of a newer program) stays
   * where it is and is logged: its recording is still there for people. So is a folder that the
   * file system does not list: {@link #unlisted} has it then. For one thread at a time.
   */
  public List<Part> list() {
    List<Part> parts = new ArrayList<>();
    List<Path> untold = new ArrayList<>();
    for (Path egress : foldersOr(root, untold)) {
      foldersOr(egress, untold).forEach(epoch -> read(epoch).ifPresent(parts::add));
    }
    unlisted = List.copyOf(untold);
    return parts;
  }

  /** The folders whose parts are not known, because {@link #list} was told nothing of them. */
  public List<Path> unlisted() {
    return unlisted;
  }

  /**
   * The parts of one egress, in no order.
   *
   * @throws SpoolException when the file system does not list them
   */
  public List<Part> list(String egressId) {
    Path folder = root.resolve(egressId);
    try {
      return Files.exists(folder)
          ? disk.in(folder).stream().flatMap(epoch -> read(epoch).stream()).toList()
          : List.of();
    } catch (IOException failure) {
      throw new SpoolException("could not list " + folder, failure);
    }
  }

  /** Whether this process began the part; else an earlier one left it. */
  public boolean isBegunHere(Part part) {
    return begun.contains(folder(part));
  }

  private static Optional<Part> read(Path folder) {
    Path file = folder.resolve(PART);
    try {
      return Optional.of(PartJson.read(Files.readAllBytes(file)));
    } catch (NoSuchFileException notYetOne) {
      return Optional.empty();
    } catch (IOException unreadable) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("why", unreadable.getMessage())
          .log("a part in the spool can't be read and is left alone");
      return Optional.empty();
    }
  }

  /** Keeps that parts of an egress are about to be one file, durable on return. */
  public void note(JoinNote join) {
    try {
      AtomicFile.write(root.resolve(join.egressId()).resolve(JOIN), join.toJson());
    } catch (IOException failure) {
      throw failed("note a join of", join, failure);
    }
  }

  /** The join of an egress's parts that is under way, or was when its process died. */
  public Optional<JoinNote> join(String egressId) {
    Path file = root.resolve(egressId).resolve(JOIN);
    try {
      return Files.exists(file)
          ? Optional.of(JoinNote.read(Files.readAllBytes(file)))
          : Optional.empty();
    } catch (IOException failure) {
      throw new SpoolException("could not read " + file, failure);
    }
  }

  /** The parts say themselves what is left of them: durable on return. */
  public void forget(JoinNote join) {
    Path folder = root.resolve(join.egressId());
    try {
      Files.deleteIfExists(folder.resolve(JOIN));
      AtomicFile.syncFolder(folder);
    } catch (IOException failure) {
      throw failed("forget a join of", join, failure);
    }
  }

  private static SpoolException failed(String attempt, JoinNote join, IOException failure) {
    return new SpoolException(
        "could not %s egress %s in the spool".formatted(attempt, join.egressId()), failure);
  }

  /** The request that led to a part; empty once erased. */
  public Optional<byte[]> request(Part part) {
    Path file = folder(part).resolve(REQUEST);
    try {
      return Files.exists(file)
          ? Optional.of(seal.unseal(Files.readAllBytes(file), part.egressId()))
          : Optional.empty();
    } catch (IOException failure) {
      throw failed("read the request of", part, failure);
    }
  }

  /** Removes the request, which may hold secrets, once no other try can need it. */
  public void eraseRequest(Part part) {
    try {
      Files.deleteIfExists(folder(part).resolve(REQUEST));
      AtomicFile.syncFolder(folder(part));
    } catch (IOException failure) {
      throw failed("erase the request of", part, failure);
    }
  }

  /** Removes all that the spool holds of a part, a recording inside its folder included. */
  public void erase(Part part) {
    Path folder = folder(part);
    try {
      // part.json first: without it a crash leaves no part, only rubbish
      Files.deleteIfExists(folder.resolve(PART));
      deleteFolder(folder);
      if (isEmpty(root.resolve(part.egressId()))) {
        Files.deleteIfExists(root.resolve(part.egressId()));
      }
      begun.remove(folder);
    } catch (IOException failure) {
      throw failed("erase", part, failure);
    }
  }

  /** Where a part's own files lie; a recording for a remote output is written here. */
  public Path folder(Part part) {
    return root.resolve(part.egressId()).resolve(Integer.toString(part.epoch()));
  }

  private static void deleteFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(folder);
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        deleteFolder(entry);
      }
    }
    Files.delete(folder);
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return !entries.iterator().hasNext();
    }
  }

  private static SpoolException failed(String attempt, Part part, IOException failure) {
    return new SpoolException(
        "could not %s epoch %d of egress %s in the spool"
            .formatted(attempt, part.epoch(), part.egressId()),
        failure);
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException failure) {
      throw new SpoolException("could not release the spool " + root, failure);
    }
  }
}
