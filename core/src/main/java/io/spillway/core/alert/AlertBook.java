package io.spillway.core.alert;

import io.spillway.core.alert.Standing.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The alerts that stand, and how they come and go:
 *
 * <pre>
 * (none)   → PENDING   found, and its rule wants it to hold
 * (none)   → FIRING    found, and its rule wants no waiting
 * PENDING  → FIRING    found for as long as its rule wants
 * PENDING  → (none)    not found: nobody was told
 * FIRING   → CLEARING  not found
 * CLEARING → FIRING    found again: the same alert goes on, nobody is told twice
 * CLEARING → (none)    not found for {@link #CLEARS_AFTER}: people are told that it is over
 * </pre>
 *
 * A value: {@link #next} makes the next book. Times are monotonic nanoseconds.
 */
public record AlertBook(Map<Finding.Key, Standing> standing) {
  /** What was gone for so long is over; shorter gaps are the same trouble. */
  public static final Duration CLEARS_AFTER = Duration.ofSeconds(60);

  /** Alerts at once; what comes beyond them waits until some are over. */
  public static final int MOST = 100;

  /** Nothing is wrong. */
  public static final AlertBook EMPTY = new AlertBook(Map.of());

  /** Copies the map, in its order. */
  public AlertBook {
    standing = Collections.unmodifiableMap(new LinkedHashMap<>(standing));
  }

  /** What people are told. */
  public sealed interface Change {
    /** Something is wrong. */
    record Fired(Standing standing) implements Change {}

    /** It is over. */
    record Resolved(Standing standing) implements Change {}
  }

  /** The book after a look that found this. */
  public AlertBook next(List<Finding> findings, long nowNanos, long nowUnixNanos) {
    Map<Finding.Key, Standing> after = new LinkedHashMap<>();
    Map<Finding.Key, Finding> found = new LinkedHashMap<>();
    findings.forEach(finding -> found.putIfAbsent(finding.key(), finding));
    standing.forEach((key, before) -> {
      Finding again = found.remove(key);
      Standing now = again == null ? gone(before, nowNanos) : goesOn(before, again, nowNanos);
      if (now != null) {
        after.put(key, now);
      }
    });
    found.forEach((key, finding) -> {
      if (after.size() < MOST) {
        Phase phase = finding.holdFor().isZero() ? Phase.FIRING : Phase.PENDING;
        after.put(key, new Standing(finding, nowNanos, nowUnixNanos, phase, 0));
      }
    });
    return new AlertBook(after);
  }

  private static Standing goesOn(Standing before, Finding now, long nowNanos) {
    boolean longEnough = nowNanos - before.sinceNanos() >= now.holdFor().toNanos();
    Phase phase =
        switch (before.phase()) {
          case PENDING -> longEnough ? Phase.FIRING : Phase.PENDING;
          case FIRING, CLEARING -> Phase.FIRING;
        };
    return new Standing(now, before.sinceNanos(), before.sinceUnixNanos(), phase, 0);
  }

  private static @Nullable Standing gone(Standing before, long nowNanos) {
    return switch (before.phase()) {
      case PENDING -> null;
      case FIRING ->
          new Standing(
              before.finding(),
              before.sinceNanos(),
              before.sinceUnixNanos(),
              Phase.CLEARING,
              nowNanos);
      case CLEARING -> nowNanos - before.goneSinceNanos() >= CLEARS_AFTER.toNanos() ? null : before;
    };
  }

  /** The alerts that people have been told of, in the order in which they came. */
  public List<Standing> told() {
    return standing.values().stream().filter(Standing::isTold).toList();
  }

  /** What people are to be told after the step from {@code before} to this book. */
  public List<Change> since(AlertBook before) {
    List<Change> changes = new ArrayList<>();
    for (Standing now : told()) {
      Standing then = before.standing.get(now.finding().key());
      boolean worse =
          then != null && now.finding().severity().compareTo(then.finding().severity()) > 0;
      if (then == null || !then.isTold() || worse) {
        changes.add(new Change.Fired(now));
      }
    }
    for (Standing then : before.told()) {
      if (!standing.containsKey(then.finding().key())) {
        changes.add(new Change.Resolved(then));
      }
    }
    return changes;
  }
}
