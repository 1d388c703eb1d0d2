package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.GoEgress.Listing;
import io.spillway.core.fleet.GoEgress.Sight;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.fleet.LostEgress.Row;
import io.spillway.core.fleet.LostEgress.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of an egress on a livekit/egress node, and what such a node's bid is worth. */
final class GoEgressTest {
  @ParameterizedTest(name = "starting {0}, row unchanged {1} s, {2} for {3} s, stuck {4}: {5}")
  @CsvSource({
    "false, 99999, LISTED,  0,  false, KEEP", // an hour of recording without a report is usual
    "true,  44,    LISTED,  0,  false, KEEP", // it waits for its track
    "true,  46,    LISTED,  0,  false, CONTINUE",
    "true,  16,    LISTED,  0,  true,  CONTINUE",
    "false, 16,    LISTED,  0,  true,  KEEP", // it came to ACTIVE after all
    "false, 80,    DROPPED, 74, false, KEEP", // its report may be on its way
    "false, 80,    DROPPED, 76, false, END",
    "false, 10,    DROPPED, 76, false, KEEP", // something was reported meanwhile
    "false, 99,    SILENT,  14, false, KEEP",
    "false, 99,    SILENT,  16, false, CONTINUE",
    "false, 14,    SILENT,  99, false, KEEP",
    "false, 99,    UNHEARD, 74, false, KEEP",
    "false, 99,    UNHEARD, 76, false, CONTINUE",
  })
  void itsRowAndWhatItsNodeListsDecide(
      boolean starting, long unchanged, Listing listing, long since, boolean stuck, Verdict then) {
    Row row = new Row(true, false, Duration.ofSeconds(unchanged), false, true);
    Sight sight = new Sight(listing, Duration.ofSeconds(since), stuck);
    assertThat(GoEgress.judge(row, starting, sight, OnNodeLoss.CONTINUE)).isEqualTo(then);
  }

  @Test
  void whatIsBeingFinishedOrHasNoRequestAnyMoreEndsWithItsNode() {
    Sight silent = new Sight(Listing.SILENT, Duration.ofSeconds(60), false);
    Row ending = new Row(true, false, Duration.ofSeconds(60), true, true);
    Row unknown = new Row(true, false, Duration.ofSeconds(60), false, false);
    Row running = new Row(true, false, Duration.ofSeconds(60), false, true);
    assertThat(GoEgress.judge(ending, false, silent, OnNodeLoss.CONTINUE)).isEqualTo(Verdict.END);
    assertThat(GoEgress.judge(unknown, false, silent, OnNodeLoss.CONTINUE)).isEqualTo(Verdict.END);
    assertThat(GoEgress.judge(running, false, silent, OnNodeLoss.END)).isEqualTo(Verdict.END);
  }

  @ParameterizedTest(name = "bids {0}, {1}, ejected {2}, proves itself {3}: worth {4}")
  @CsvSource({
    "1,   HEALTHY, false, false, 1",
    "0.5, HEALTHY, false, false, 0.5",
    "0,   HEALTHY, false, false, 0",
    "-1,  HEALTHY, false, true,  0",
    "1,   SUSPECT, true,  false, 0",
    "1,   WEDGED,  true,  false, 0",
    "1,   WEDGED,  false, false, 0.001", // only when no other bids
    "1,   WEDGED,  true,  true,  1",
  })
  void aSuspectsBidIsWorthNothingHoweverHighItIs(
      float affinity, Health health, boolean ejected, boolean proves, float worth) {
    assertThat(GoNodeHealth.worth(affinity, health, ejected, proves)).isEqualTo(worth);
  }
}
