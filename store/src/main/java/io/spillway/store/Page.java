package io.spillway.store;

import io.spillway.protocol.livekit.EgressInfo;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of a list.
 *
 * @param egresses newest first
 * @param nextToken where the next page begins; empty when this is the last one
 */
public record Page(List<EgressInfo> egresses, Optional<String> nextToken) {
  /** Copies the list. */
  public Page {
    egresses = List.copyOf(egresses);
  }
}
