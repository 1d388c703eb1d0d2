package io.spillway.controller.alert;

import io.spillway.core.alert.Counts;
import io.spillway.core.alert.Starts;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.EgressStore;
import io.spillway.store.ListQuery;
import io.spillway.store.Page;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows every egress by looking into the store once a second. The store, and not this
 * controller's own traffic, because with several controllers each sees only a part of it, and
 * because a controller that was just started must know of the last hours as well.
 *
 * <p>{@link #look} belongs to one thread; what it found may be read by any.
 */
public final class EgressWatch {
  private static final Logger LOG = LoggerFactory.getLogger(EgressWatch.class);

  /** The newest egresses that each look reads; more when all of them are new. */
  private static final int NEWEST = 100;

  private static final int MOST_PAGES = 10;

  /** Single reads of one look, so that a look after a storm stays short; the next goes on. */
  private static final int MOST_READS = 200;

  /** Ended egresses that are remembered, to tell a new one from an old one. */
  private static final int MOST_REMEMBERED = 20_000;

  private final EgressStore store;
  private final Starts starts;
  private final TimeSource time;
  private final Map<String, Seen> seen = new LinkedHashMap<>();
  private volatile List<EgressInfo> active = List.of();
  private volatile boolean answering = true;
  private boolean first = true;

  /** Counts what it sees on {@code starts}. */
  public EgressWatch(EgressStore store, Starts starts, TimeSource time) {
    this.store = store;
    this.starts = starts;
    this.time = time;
  }

  private record Seen(EgressInfo info, boolean settled) {
    boolean ended() {
      return StatusOrder.isFinal(info.getStatus());
    }
  }

  /**
   * Looks once; blocks while the store is asked.
   *
   * @return what is new or has changed since the last look; empty when the store doesn't answer
   */
  public List<EgressInfo> look() {
    try {
      List<EgressInfo> changed = compare(read());
      settle();
      forget();
      first = false;
      answering = true;
      return changed;
    } catch (StoreException unreachable) {
      if (answering) {
        LOG.atWarn().setCause(unreachable).log("the store can't be watched, trying on");
      }
      answering = false;
      return List.of();
    }
  }

  /** Egresses without a final status, the newest first, at most ten thousand. */
  public List<EgressInfo> active() {
    return active;
  }

  /** Whether the store answered the last look. */
  public boolean storeAnswers() {
    return answering;
  }

  private Map<String, EgressInfo> read() {
    Map<String, EgressInfo> found = new LinkedHashMap<>();
    List<EgressInfo> now = activeNow();
    active = now;
    now.forEach(info -> found.put(info.getEgressId(), info));
    newest().forEach(info -> found.put(info.getEgressId(), info));
    int reads = 0;
    Set<String> discarded = new HashSet<>();
    for (Seen known : seen.values()) {
      String id = known.info.getEgressId();
      if (!known.ended() && !found.containsKey(id) && reads++ < MOST_READS) {
        store
            .find(id)
            .ifPresentOrElse(egress -> found.put(id, egress.info()), () -> discarded.add(id));
      }
    }
    seen.keySet().removeAll(discarded); // starts that found no room and are asked for again
    return found;
  }

  private List<EgressInfo> activeNow() {
    List<EgressInfo> all = new ArrayList<>();
    ListQuery query = ListQuery.all().onlyActive().atMost(ListQuery.MOST);
    for (int pages = 0; pages < MOST_PAGES; pages++) {
      Page page = store.list(query);
      all.addAll(page.egresses());
      if (page.nextToken().isEmpty()) {
        break;
      }
      query = query.from(page.nextToken().get());
    }
    return List.copyOf(all);
  }

  /** As far back as there are unknown ones; at first as far as the figures reach. */
  private List<EgressInfo> newest() {
    List<EgressInfo> all = new ArrayList<>();
    ListQuery query = ListQuery.all().atMost(first ? ListQuery.MOST : NEWEST);
    for (int pages = 0; pages < MOST_PAGES; pages++) {
      Page page = store.list(query);
      all.addAll(page.egresses());
      if (page.nextToken().isEmpty() || !goesOn(page.egresses().getLast())) {
        break;
      }
      query = query.from(page.nextToken().get());
    }
    return all;
  }

  private boolean goesOn(EgressInfo oldest) {
    Duration age = Duration.ofNanos(time.unixNanos() - oldest.getStartedAt());
    return !seen.containsKey(oldest.getEgressId()) && age.compareTo(Counts.LONGEST) < 0;
  }

  private List<EgressInfo> compare(Map<String, EgressInfo> found) {
    List<EgressInfo> changed = new ArrayList<>();
    for (EgressInfo info : found.values()) {
      Seen known = seen.get(info.getEgressId());
      if (known == null || !known.info.equals(info)) {
        seen.put(info.getEgressId(), new Seen(info, known != null && known.settled));
        if (!first) {
          changed.add(info);
        }
      }
    }
    return changed;
  }

  /** Counts the starts whose outcome can be told by now. */
  private void settle() {
    int reads = 0;
    for (Map.Entry<String, Seen> entry : seen.entrySet()) {
      Seen known = entry.getValue();
      boolean underway = known.info.getStatus() == EgressStatus.EGRESS_STARTING;
      if (known.settled || underway) {
        continue;
      }
      if (reads++ == MOST_READS) {
        return;
      }
      StartOutcome.of(known.info, store.timeline(entry.getKey())).ifPresent(this::count);
      entry.setValue(new Seen(known.info, true));
    }
  }

  private void count(StartOutcome outcome) {
    long now = time.nanos();
    switch (outcome) {
      case StartOutcome.Recorded recorded -> {
        long at = monotonic(recorded.atUnixNanos(), now);
        starts.succeeded(at, now);
        starts.took(at, now, recorded.latency());
      }
      case StartOutcome.Failed failed -> starts.failed(monotonic(failed.atUnixNanos(), now), now);
      case StartOutcome.Refused refused ->
          starts.refused(monotonic(refused.atUnixNanos(), now), now);
    }
  }

  private long monotonic(long unixNanos, long now) {
    return now - Math.max(0, time.unixNanos() - unixNanos);
  }

  /** The longest known ended ones go; an egress that runs is never forgotten. */
  private void forget() {
    int beyond = seen.size() - MOST_REMEMBERED;
    if (beyond <= 0) {
      return;
    }
    var each = seen.values().iterator();
    while (beyond > 0 && each.hasNext()) {
      Seen known = each.next();
      if (known.ended() && known.settled) {
        each.remove();
        beyond--;
      }
    }
  }
}
