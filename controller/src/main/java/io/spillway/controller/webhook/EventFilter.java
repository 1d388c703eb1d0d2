package io.spillway.controller.webhook;

import io.spillway.protocol.livekit.FilterParams;
import io.spillway.store.outbox.EventKind;
import java.util.List;

/**
 * Which events somebody wants (livekit/protocol webhook/filter.go): those included, or else all but
 * those excluded; both empty: all. Pure.
 */
public record EventFilter(List<String> include, List<String> exclude) {
  /** Every event. */
  public static final EventFilter ALL = new EventFilter(List.of(), List.of());

  /** Copies the lists. */
  public EventFilter {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  static EventFilter of(FilterParams params) {
    return new EventFilter(params.getIncludeEventsList(), params.getExcludeEventsList());
  }

  boolean wants(EventKind kind) {
    return include.isEmpty() ? !exclude.contains(kind.wire()) : include.contains(kind.wire());
  }
}
