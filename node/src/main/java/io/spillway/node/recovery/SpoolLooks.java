package io.spillway.node.recovery;

import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.TimeSource;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what an earlier process left in the spool. A disk that does not list a folder is no reason
 * for a node not to start: it is looked at again until it does, for as long as the node runs. One
 * look at a time, and each egress is found once.
 */
final class SpoolLooks {
  /** When a folder that was not listed is looked at again; doubled each time up to the most. */
  static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

  static final Duration AGAIN_AT_MOST_AFTER = Duration.ofMinutes(1);

  private static final Backoff WAITS = new Backoff(AGAIN_AFTER, AGAIN_AT_MOST_AFTER);
  private static final Logger LOG = LoggerFactory.getLogger(SpoolLooks.class);

  private final Spool spool;
  private final LaterTry later;
  private final ToIntFunction<List<Part>> found;
  private final Set<String> seen = new HashSet<>();

  /**
   * Looks into a spool.
   *
   * @param longWork for the later looks: a disk that fails may hang as well
   * @param found takes up what was left; returns how many egresses that are
   */
  SpoolLooks(Spool spool, Executor longWork, TimeSource time, ToIntFunction<List<Part>> found) {
    this.spool = spool;
    this.later = new LaterTry(time, longWork);
    this.found = found;
  }

  /** The look at the start, before anything is begun here; returns how many egresses it found. */
  int first() {
    List<Part> parts = spool.list();
    note(parts);
    int egresses = found.applyAsInt(parts);
    againIfBlind(1);
    return egresses;
  }

  private void note(List<Part> parts) {
    parts.forEach(part -> seen.add(part.egressId()));
  }

  private void againIfBlind(int looks) {
    if (spool.unlisted().isEmpty()) {
      return;
    }
    Duration wait = WAITS.longestAfter(looks);
    LOG.atError()
        .addKeyValue("folders", spool.unlisted())
        .addKeyValue("looks", looks)
        .addKeyValue("again_in_seconds", wait.toSeconds())
        .log("recordings of an earlier process may be left where the spool can't be listed");
    later.after(wait, () -> again(looks + 1), () -> {});
  }

  private void again(int looks) {
    List<Part> parts =
        spool.list().stream()
            .filter(part -> !seen.contains(part.egressId()) && !spool.isBegunHere(part))
            .toList();
    note(parts);
    if (!parts.isEmpty()) {
      int egresses = found.applyAsInt(parts);
      LOG.atInfo()
          .addKeyValue("egresses", egresses)
          .log("a folder of the spool can be listed by now: what it holds is taken up");
    }
    againIfBlind(looks);
  }
}
