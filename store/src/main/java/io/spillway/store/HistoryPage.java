package io.spillway.store;

import java.util.List;
import java.util.Optional;

/**
 * A stretch of a search's finds.
 *
 * @param egresses newest first
 * @param nextToken where the next page begins; empty when this is the last one
 */
public record HistoryPage(List<StoredEgress> egresses, Optional<String> nextToken) {
  /** Copies the list. */
  public HistoryPage {
    egresses = List.copyOf(egresses);
  }
}
