package io.spillway.controller.gonode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.core.fleet.GoEgress.Listing;
import io.spillway.core.fleet.GoEgress.Sight;
import io.spillway.core.fleet.GoNodeId;
import io.spillway.core.fleet.Health;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a controller knows of livekit/egress nodes, and what follows. */
final class GoBookTest {
  private final SimulatedTime time = new SimulatedTime();
  private final GoBook book = new GoBook(GoNodes.AUTO, time);

  private static StoredEgress row(String id, int epoch, long sequence, EgressStatus status) {
    return new StoredEgress(
        EgressInfo.newBuilder().setEgressId(id).setStatus(status).build(),
        epoch,
        sequence,
        sequence == 0 ? "" : GoNodeId.ofClient("CLI_" + id),
        "",
        0,
        0,
        "",
        ByteString.copyFromUtf8("sealed"));
  }

  private void stored(StoredEgress... rows) {
    book.stored(List.of(rows), time.nanos(), _ -> false);
  }

  private void lists(Map<String, Set<String>> byServer) {
    book.listed(byServer);
  }

  private void passes(int seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  private GoNodeView node(String id) {
    return book.nodes().stream().filter(each -> each.serverId().equals(id)).findFirst().get();
  }

  @Test
  void aNodeThatClaimsAndDoesNotReportIsNotChosenAgainWhateverItBids() {
    lists(Map.of("SRV_bad", Set.of(), "SRV_good", Set.of()));
    assertThat(book.worth("SRV_bad", 1)).isEqualTo(1);
    book.chosen("SRV_bad", "EG_1", 1);
    passes(3);
    stored(row("EG_1", 1, 0, EgressStatus.EGRESS_STARTING));
    assertThat(book.worth("SRV_bad", 1)).isZero();
    assertThat(book.worth("SRV_good", 0.5f)).isEqualTo(0.5f);
    assertThat(node("SRV_bad").health()).isEqualTo(Health.SUSPECT);
    assertThat(node("SRV_bad").ejected()).isTrue();
    assertThat(node("SRV_bad").reason()).contains("claimed EG_1 and did not report it");
  }

  @Test
  void aStartThatNeverComesToActiveCountsAgainstItsNodeAndIsStuckIfItWasNotConfirmed() {
    lists(Map.of("SRV_bad", Set.of("EG_1"), "SRV_good", Set.of()));
    book.chosen("SRV_bad", "EG_1", 1);
    book.unanswered("EG_1", 1);
    StoredEgress starting = row("EG_1", 1, 1, EgressStatus.EGRESS_STARTING);
    passes(14);
    lists(Map.of("SRV_bad", Set.of("EG_1"), "SRV_good", Set.of()));
    stored(starting);
    assertThat(book.worth("SRV_bad", 1)).isEqualTo(1);
    assertThat(book.sight(starting)).contains(new Sight(Listing.LISTED, Duration.ZERO, false));
    passes(2);
    stored(starting);
    assertThat(book.worth("SRV_bad", 1)).isZero();
    assertThat(book.sight(starting).orElseThrow().stuck()).isTrue();
    assertThat(node("SRV_bad").clientId()).isEqualTo("CLI_EG_1");
  }

  @Test
  void aStartThatEndsByItselfSpeaksForItsNode() {
    lists(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    book.chosen("SRV_a", "EG_1", 1);
    book.unconfirmed("EG_1", 1);
    assertThat(node("SRV_a").health()).isEqualTo(Health.SUSPECT);
    passes(31);
    lists(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    assertThat(book.worth("SRV_a", 1)).as("its turn to prove itself").isEqualTo(1);
    book.chosen("SRV_a", "EG_2", 1);
    assertThat(book.worth("SRV_a", 1)).as("with one start, not with all").isZero();
    stored();
    assertThat(node("SRV_a").health()).isEqualTo(Health.HEALTHY);
    assertThat(book.worth("SRV_a", 1)).isEqualTo(1);
  }

  @Test
  void theOnlyNodeIsTheLastResortEvenWhenItIsSuspect() {
    lists(Map.of("SRV_a", Set.of()));
    book.chosen("SRV_a", "EG_1", 1);
    book.unconfirmed("EG_1", 1);
    assertThat(book.worth("SRV_a", 1)).isPositive().isLessThan(0.01f);
  }

  @Test
  void whatTheOthersTellCountsWhileTheyTellIt() {
    GoBook other = new GoBook(GoNodes.AUTO, time);
    other.listed(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    other.chosen("SRV_a", "EG_1", 1);
    other.unconfirmed("EG_1", 1);
    lists(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    book.told(other.sights());
    assertThat(book.worth("SRV_a", 1)).isZero();
    assertThat(node("SRV_a").reason()).contains("another controller");
    passes(6);
    assertThat(book.changes()).isEmpty(); // nothing was told to people meanwhile
    assertThat(book.worth("SRV_a", 1)).isEqualTo(1);
  }

  @Test
  void aFinalStatusThatIsOverdueMakesItsNodeASuspect() {
    StoredEgress active = row("EG_1", 1, 5, EgressStatus.EGRESS_ACTIVE);
    lists(Map.of("SRV_a", Set.of("EG_1"), "SRV_b", Set.of()));
    passes(2);
    lists(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    stored(active);
    passes(9);
    lists(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    assertThat(node("SRV_a").health()).isEqualTo(Health.HEALTHY);
    assertThat(book.sight(active).orElseThrow().listing()).isEqualTo(Listing.DROPPED);
    passes(2);
    lists(Map.of("SRV_a", Set.of(), "SRV_b", Set.of()));
    assertThat(node("SRV_a").health()).isEqualTo(Health.SUSPECT);
    assertThat(book.worth("SRV_a", 1)).isZero();
    stored(); // its end has come
    assertThat(node("SRV_a").health()).isEqualTo(Health.HEALTHY);
  }

  @Test
  void whatWentToANodeWithALeaseIsNobodysBusinessHere() {
    StoredEgress active = row("EG_1", 2, 5, EgressStatus.EGRESS_ACTIVE);
    lists(Map.of("SRV_a", Set.of("EG_1")));
    book.stored(List.of(active), time.nanos(), _ -> true);
    lists(Map.of("SRV_a", Set.of()));
    book.stored(List.of(active), time.nanos(), _ -> true);
    passes(60);
    lists(Map.of("SRV_a", Set.of()));
    assertThat(node("SRV_a").health()).isEqualTo(Health.HEALTHY);
  }

  @Test
  void aNodeThatFallsSilentLosesWhatItHadAndNoTimeCountsInWhichNobodyCouldBeHeard() {
    StoredEgress active = row("EG_1", 1, 5, EgressStatus.EGRESS_ACTIVE);
    lists(Map.of("SRV_a", Set.of("EG_1")));
    passes(60);
    book.blind();
    assertThat(book.sight(active).orElseThrow().listing()).isEqualTo(Listing.LISTED);
    passes(16);
    lists(Map.of());
    assertThat(book.sight(active).orElseThrow().listing()).isEqualTo(Listing.SILENT);
    assertThat(node("SRV_a").health()).isEqualTo(Health.GONE);
    assertThat(book.mayBeThere()).isFalse();
  }

  @Test
  void aNodeThatWentWithNothingLeftIsForgotten() {
    lists(Map.of("SRV_a", Set.of()));
    passes(16);
    lists(Map.of());
    assertThat(book.nodes()).isEmpty();
  }

  @Test
  void beforeItHasAskedAndAfterAnAnswerAStartMayWaitForOne() {
    assertThat(book.mayBeThere()).isTrue();
    lists(Map.of());
    assertThat(book.mayBeThere()).isFalse();
    lists(Map.of("SRV_a", Set.of()));
    assertThat(book.mayBeThere()).isTrue();
    assertThat(new GoBook(GoNodes.NEVER, time).mayBeThere()).isFalse();
    GoBook told = new GoBook(GoNodes.ALWAYS, time);
    told.listed(Map.of());
    assertThat(told.mayBeThere()).isTrue();
  }
}
