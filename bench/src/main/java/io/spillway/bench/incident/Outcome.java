package io.spillway.bench.incident;

import io.spillway.protocol.livekit.FileInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a replay came to.
 *
 * @param skipped starts that were not made because hundreds hung
 * @param strangers share of the machine that others used meanwhile
 */
public record Outcome(List<Take> takes, List<Episode> episodes, int skipped, double strangers) {
  /** How soon a fault must be noticed, and get no more work. */
  public static final Duration NOTICE_WITHIN = Duration.ofSeconds(6);

  /** How soon as many nodes as before must take work again. */
  public static final Duration MEND_WITHIN = Duration.ofSeconds(60);

  /** Copies the lists. */
  public Outcome {
    takes = List.copyOf(takes);
    episodes = List.copyOf(episodes);
  }

  /** How many starts were made. */
  public int starts() {
    return takes.size();
  }

  /** Those that were answered with an error. */
  public int failedStarts() {
    return count(Take::isFailed);
  }

  /** Why those failed. */
  public List<String> failures() {
    return takes.stream().filter(Take::isFailed).map(Take::failure).toList();
  }

  /** Those that never got a final status. */
  public int withoutEnd() {
    return count(Take::lacksEnd);
  }

  /** Those that ended otherwise than complete. */
  public int endedBadly() {
    return count(Take::endedBadly);
  }

  private int count(Predicate<Take> what) {
    return (int) takes.stream().filter(what).count();
  }

  /** Recordings cut while no node had died: a wedge or its repair cut them. */
  public List<String> cutByWedges() {
    return takes.stream()
        .filter(take -> take.isCut() && !livedThroughDeath(take))
        .map(Take::egressId)
        .toList();
  }

  /** Recordings that went on as a further part when their node died. */
  public int movedByDeaths() {
    return count(take -> take.wentOn() && livedThroughDeath(take));
  }

  /** Those of them whose files begin where the recording began. */
  public int movedWhole() {
    return count(take -> take.wentOn() && livedThroughDeath(take) && take.hasBeginning());
  }

  /** Recordings that lived through a wedge. */
  public int throughWedges() {
    return count(take -> livedThrough(take, Fault.Kind.WEDGE) && !livedThroughDeath(take));
  }

  private boolean livedThroughDeath(Take take) {
    return livedThrough(take, Fault.Kind.DEATH);
  }

  private boolean livedThrough(Take take, Fault.Kind kind) {
    return episodes.stream()
        .filter(each -> each.fault().kind() == kind)
        .anyMatch(each -> take.overlaps(each.atNanos(), each.overNanos()));
  }

  /** Files that an egress names and that are not there, or that two name. */
  public int lostOrSharedFiles() {
    Set<String> seen = new HashSet<>();
    int wrong = 0;
    for (Take take : takes) {
      for (FileInfo file : take.end().map(info -> info.getFileResultsList()).orElse(List.of())) {
        if (file.getLocation().isEmpty()) {
          continue; // what recorded nothing names no file
        }
        boolean there = Files.exists(Path.of(file.getLocation()));
        wrong += there && seen.add(file.getLocation()) ? 0 : 1;
      }
    }
    return wrong;
  }

  /** The slowest noticing of those that had to be noticed; empty: one never was. */
  public Optional<Duration> noticed() {
    return worst(episodes.stream().filter(Outcome::mustBeNoticed).map(Episode::noticed).toList());
  }

  /** The same of the last work that a faulty node got; empty: one always did. */
  public Optional<Duration> noMoreWork() {
    return worst(episodes.stream().filter(Outcome::mustBeNoticed).map(this::noMoreWork).toList());
  }

  /** The slowest mending; empty: one never was mended. */
  public Optional<Duration> mended() {
    return worst(episodes.stream().map(Episode::mended).toList());
  }

  private static boolean mustBeNoticed(Episode episode) {
    return episode.fault().kind() != Fault.Kind.WEATHER;
  }

  /** When it was taken out of service, or later when a start went there all the same. */
  private Optional<Duration> noMoreWork(Episode episode) {
    Duration last =
        takes.stream()
            .filter(take -> take.node().equals(episode.nodeId()) && take.epoch() == 1)
            .filter(take -> take.overlaps(episode.atNanos(), episode.overNanos()))
            .map(take -> Duration.ofNanos(take.askedNanos() - episode.atNanos()))
            .filter(age -> !age.isNegative() && age.compareTo(episode.lifted()) < 0)
            .reduce(Duration.ZERO, Outcome::later);
    return episode.outOfService().map(out -> later(out, last));
  }

  private static Optional<Duration> worst(List<Optional<Duration>> all) {
    if (all.stream().anyMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    return Optional.of(
        all.stream().flatMap(Optional::stream).reduce(Duration.ZERO, Outcome::later));
  }

  private static Duration later(Duration one, Duration two) {
    return one.compareTo(two) >= 0 ? one : two;
  }

  /** Nodes taken for ill that nothing was done to, or that a storm did not spare. */
  public int wronglySuspected() {
    return (int)
        episodes.stream()
            .filter(each ->
                each.othersSuffered() || (!mustBeNoticed(each) && each.noticed().isPresent()))
            .count();
  }

  /** Whether every count is as it must be. */
  public boolean countsHold() {
    return failedStarts() == 0
        && withoutEnd() == 0
        && endedBadly() == 0
        && skipped == 0
        && cutByWedges().isEmpty()
        && lostOrSharedFiles() == 0;
  }

  /** Whether every time is within its bound. */
  public boolean timesHold() {
    return within(noticed(), NOTICE_WITHIN)
        && within(noMoreWork(), NOTICE_WITHIN)
        && within(mended(), MEND_WITHIN);
  }

  static boolean within(Optional<Duration> time, Duration bound) {
    return time.map(each -> each.compareTo(bound) <= 0).orElse(false);
  }

  static String seconds(Optional<Duration> time) {
    return time.map(each -> String.format(Locale.ROOT, "%.1f s", each.toMillis() / 1e3))
        .orElse("never");
  }
}
