package io.spillway.node.parts;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.track.TrackJoin.Piece;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.spool.JoinNote;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import io.spillway.storage.spool.SpoolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * The order of the steps, each durable before the next:
 *
 *   1 copy     the joined file, whole, under a temporary name beside the first part's
 *   2 note     join.json in the spool: from here on the join is carried to its end
 *   3 replace  the temporary name becomes the first part's name (one rename)
 *   4 remove   the files of the other parts, and folders that only they lay in
 *   5 update   the parts in the spool: the first holds everything, the others nothing
 *   6 forget   join.json
 *
 * A kill in 1 leaves all parts and a temporary file, which is removed. A kill later finds the note:
 * is the temporary file still there, step 3 is to be done; 4, 5 and 6 may be done twice. Without
 * the note a kill between 3 and 5 would find a first part that holds the second, and join the
 * second to it once more.
 */
/**
 * Makes one file of the parts of an egress. Long work: reads and writes whole files, on a thread
 * that may block. Thread-safe as long as one thread at a time works on an egress.
 */
public final class PartJoin {
  /**
   * A gap longer than this is not filled: a node that returns after days, or whose clock was wrong,
   * must not write days of silence.
   */
  static final Duration LONGEST_GAP = Duration.ofHours(6);

  private static final Logger LOG = LoggerFactory.getLogger(PartJoin.class);

  private final Spool spool;
  private final JoinSteps steps;

  /**
   * Joins what {@code spool} holds.
   *
   * @param outputs knows how much room has to be left on a disk
   * @param mp4FastStart a joined MP4's index goes in front
   */
  public PartJoin(Spool spool, LocalOutputs outputs, boolean mp4FastStart) {
    this(spool, new DiskSteps(spool, outputs, mp4FastStart));
  }

  PartJoin(Spool spool, JoinSteps steps) {
    this.spool = spool;
    this.steps = steps;
  }

  /**
   * Joins the parts that have media, if there are several and they can be one file. Never fails:
   * parts that stay apart are all there.
   *
   * @param parts of one egress, oldest first, all finished
   * @return the same parts as they are now: after a join the first with media holds everything
   */
  public List<Part> join(List<Part> parts) {
    List<Part> recorded = parts.stream().filter(Part::hasMedia).toList();
    if (recorded.size() < 2) {
      return parts;
    }
    Optional<String> apart = apart(recorded);
    if (apart.isPresent()) {
      stayApart(recorded, apart.get());
      return parts;
    }
    Path scratch = scratch(recorded.getFirst());
    try {
      Optional<Finished> joined = steps.copy(pieces(recorded), scratch, codec(recorded));
      if (joined.isEmpty()) {
        steps.remove(scratch);
        stayApart(recorded, "their codec parameters differ");
        return parts;
      }
      JoinNote note = note(recorded, scratch, joined.get());
      steps.note(note);
      return complete(note, parts);
    } catch (IOException | RuntimeException failure) { // also a defect: no part may suffer by it
      LOG.atDebug().setCause(failure).log("a join failed");
      stayApart(recorded, String.valueOf(failure.getMessage()));
      abandon(recorded);
      return parts;
    }
  }

  /**
   * Carries a join to its end that a crash cut, or removes what is left of one that had not come
   * far. Never fails.
   *
   * @param parts of one egress, oldest first
   * @return the same parts as they are now
   */
  public List<Part> takeUp(List<Part> parts) {
    try {
      Optional<JoinNote> note = spool.join(parts.getLast().egressId());
      if (note.isPresent()) {
        return complete(note.get(), parts);
      }
    } catch (IOException | SpoolException failure) {
      stayApart(parts, String.valueOf(failure.getMessage()));
    }
    abandon(parts);
    return parts;
  }

  /** Nothing was replaced: the parts are what counts. */
  private void abandon(List<Part> parts) {
    try {
      Optional<JoinNote> note = spool.join(parts.getLast().egressId());
      if (note.isPresent()) {
        steps.forget(note.get());
      }
      for (Part part : parts) {
        if (!part.file().recording().isEmpty()) {
          steps.remove(scratch(part));
        }
      }
    } catch (IOException | SpoolException failure) {
      LOG.atWarn()
          .addKeyValue("egress", parts.getLast().egressId())
          .setCause(failure)
          .log("what is left of a join could not be removed");
    }
  }

  /** Fails only before anything was replaced. */
  private List<Part> complete(JoinNote note, List<Part> parts) throws IOException {
    Part first =
        parts.stream()
            .filter(part -> part.epoch() == note.first())
            .findFirst()
            .orElseThrow(() -> new IOException("epoch " + note.first() + " is not in the spool"));
    Path file = Path.of(first.file().recording());
    Path scratch = Path.of(note.scratch());
    boolean lasting = true;
    if (Files.exists(scratch)) {
      lasting = isReplacedForGood(scratch, file);
    } else if (!Files.exists(file) || Files.size(file) != note.bytes()) {
      throw new IOException("somebody took " + scratch + " away");
    }
    List<Part> now = parts.stream().map(part -> after(note, part)).toList();
    if (lasting) {
      tidy(note, first, parts, now);
    }
    LOG.atInfo()
        .addKeyValue("egress", note.egressId())
        .addKeyValue("parts", note.absorbed().size() + 1)
        .addKeyValue("file", file)
        .log("the parts of a recording are one file");
    return now;
  }

  /** A rename that a power cut might undo is one, but the other parts must outlive it. */
  private boolean isReplacedForGood(Path scratch, Path file) throws IOException {
    try {
      steps.replace(scratch, file);
      return true;
    } catch (IOException failure) {
      if (Files.exists(scratch)) {
        throw failure;
      }
      LOG.atWarn()
          .addKeyValue("file", file)
          .setCause(failure)
          .log(
              "a joined recording is in place, its folder could not be synced: its parts are kept");
      return false;
    }
  }

  /** What a part is once it was joined. */
  private static Part after(JoinNote note, Part part) {
    long startedAt = part.file().startedAtNanos();
    if (part.epoch() == note.first()) {
      return part.finished(startedAt + note.durationNanos(), note.durationNanos(), note.bytes());
    }
    return note.absorbed().contains(part.epoch()) ? part.finished(startedAt, 0, 0) : part;
  }

  /** What fails here changes nothing for the egress: the next start does it, or people find it. */
  private void tidy(JoinNote note, Part first, List<Part> before, List<Part> now) {
    try {
      for (Part part : before) {
        if (note.absorbed().contains(part.epoch())) {
          steps.remove(Path.of(part.file().recording()));
          steps.removeFolders(part, first);
        }
      }
      for (Part part : now) {
        if (!before.contains(part)) {
          steps.update(part);
        }
      }
      steps.forget(note);
    } catch (IOException | SpoolException failure) {
      LOG.atWarn()
          .addKeyValue("egress", note.egressId())
          .setCause(failure)
          .log("the parts of a joined recording could not be removed");
    }
  }

  /** Why parts can't be one file, as far as it is known without reading them. */
  private static Optional<String> apart(List<Part> recorded) {
    Set<String> codecs = new HashSet<>();
    Set<String> files = new HashSet<>();
    for (Part part : recorded) {
      codecs.add(part.track().codec());
      files.add(part.file().recording());
      if (!Files.isRegularFile(Path.of(part.file().recording()))) {
        return Optional.of(part.file().recording() + " is not within reach");
      }
    }
    if (codecs.size() > 1) {
      return Optional.of("their codecs differ: " + codecs);
    }
    if (files.size() < recorded.size()) {
      return Optional.of("two of them claim one file");
    }
    for (int i = 1; i < recorded.size(); i++) {
      Part.File before = recorded.get(i - 1).file();
      long ended = before.startedAtNanos() + before.durationNanos();
      long gapNanos = recorded.get(i).file().startedAtNanos() - ended;
      if (gapNanos > LONGEST_GAP.toNanos()) {
        return Optional.of("a gap of " + Duration.ofNanos(gapNanos) + " is too long to be filled");
      }
    }
    return Optional.empty();
  }

  private static void stayApart(List<Part> recorded, String why) {
    LOG.atWarn()
        .addKeyValue("egress", recorded.getFirst().egressId())
        .addKeyValue("parts", recorded.size())
        .addKeyValue("why", why)
        .log("the parts of a recording stay files of their own");
  }

  private static Codec codec(List<Part> recorded) throws IOException {
    String type = recorded.getFirst().track().codec();
    return Codec.ofMimeType(type).orElseThrow(() -> new IOException("unknown codec " + type));
  }

  private static List<Piece> pieces(List<Part> recorded) {
    long origin = recorded.getFirst().file().startedAtNanos();
    return recorded.stream()
        .map(part ->
            new Piece(Path.of(part.file().recording()), part.file().startedAtNanos() - origin))
        .toList();
  }

  private static JoinNote note(List<Part> recorded, Path scratch, Finished joined)
      throws IOException {
    return new JoinNote(
        recorded.getFirst().egressId(),
        scratch.toString(),
        recorded.getFirst().epoch(),
        recorded.stream().skip(1).map(Part::epoch).toList(),
        Math.round(joined.durationTicks() * 1e9 / codec(recorded).clockRate()),
        joined.bytes());
  }

  /** In the same folder, so that a rename is enough; hidden, as it is nobody's recording. */
  private static Path scratch(Part first) {
    Path file = Path.of(first.file().recording());
    return file.resolveSibling("." + file.getFileName() + ".joining");
  }
}
