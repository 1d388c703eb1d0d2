package io.spillway.controller.dashboard;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.EgressStore;
import io.spillway.store.ListQuery;
import io.spillway.store.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds egresses by what a person typed. Thread-safe; blocks while the store reads. */
final class EgressSearch {
  /** Egresses on one page. */
  static final int PAGE = 50;

  /** Read for one page at most: a search for what is rare goes on with the next page. */
  private static final int MOST_READ = 5_000;

  private final EgressStore store;

  EgressSearch(EgressStore store) {
    this.store = store;
  }

  /**
   * What is looked for; empty: any.
   *
   * @param text a part of id, room, source or error, in any case of letters
   * @param status a status word, {@code running} or {@code ended}
   * @param kind of request
   */
  record Wish(String text, String status, String kind, String room, String pageToken) {
    boolean fits(EgressInfo info) {
      return fitsStatus(EgressViews.status(info))
          && (kind.isEmpty() || kind.equals(EgressViews.kind(info)))
          && (text.isEmpty() || texts(info).contains(text.toLowerCase(Locale.ROOT)));
    }

    private boolean fitsStatus(String of) {
      return switch (status) {
        case "", "running" -> true; // the store has picked the running ones
        default -> status.equals(of);
      };
    }

    private static String texts(EgressInfo info) {
      StringBuilder all = new StringBuilder();
      all.append(info.getEgressId()).append(' ').append(info.getRoomName()).append(' ');
      all.append(EgressViews.row(info, Optional.empty()).path("source").asString(""));
      all.append(' ').append(info.getError());
      info.getFileResultsList().forEach(file -> all.append(' ').append(file.getFilename()));
      return all.toString().toLowerCase(Locale.ROOT);
    }
  }

  /** What was found, newest first; the token is empty on the last page. */
  record Found(List<EgressInfo> egresses, String nextToken) {}

  /**
   * One page.
   *
   * @throws IllegalArgumentException when the page token isn't one of ours
   */
  Found find(Wish wish) {
    List<EgressInfo> fitting = new ArrayList<>();
    ListQuery query =
        new ListQuery(wish.room(), "", wish.status().equals("running"), wish.pageToken(), PAGE);
    for (int read = 0; read < MOST_READ; read += PAGE) {
      // Each page asks for as many as are missing, so that the store's token fits our page's end.
      Page page = store.list(query.atMost(PAGE - fitting.size()));
      page.egresses().stream().filter(wish::fits).forEach(fitting::add);
      if (page.nextToken().isEmpty()) {
        return new Found(fitting, "");
      }
      query = query.from(page.nextToken().get());
      if (fitting.size() == PAGE) {
        break;
      }
    }
    return new Found(fitting, query.pageToken());
  }
}
