package io.spillway.controller.dashboard;

import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.HistoryQuery;
import java.util.Locale;
import java.util.Set;

/** What a person typed as a question to the store. Pure. */
final class EgressSearch {
  /** Egresses on one page. */
  static final int PAGE = 50;

  private static final Set<EgressStatus> RUNNING =
      Set.of(EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING);

  private EgressSearch() {}

  /**
   * The question; empty texts mean: any.
   *
   * @param status a status word, or {@code running}
   * @throws IllegalArgumentException for a word that is no status
   */
  static HistoryQuery of(String text, String status, String kind, String room, String pageToken) {
    return HistoryQuery.all()
        .containing(text)
        .withStatus(statuses(status))
        .ofKind(kind.isEmpty() ? Set.of() : Set.of(kind))
        .inRoom(room)
        .page(pageToken, PAGE);
  }

  private static Set<EgressStatus> statuses(String word) {
    return switch (word) {
      case "" -> Set.of();
      case "running" -> RUNNING;
      default -> Set.of(EgressStatus.valueOf("EGRESS_" + word.toUpperCase(Locale.ROOT)));
    };
  }
}
