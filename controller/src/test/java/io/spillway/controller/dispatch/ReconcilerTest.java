package io.spillway.controller.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.FleetSettings;
import io.spillway.core.fleet.CanaryPlan;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.fleet.LostEgress.Rules;
import io.spillway.core.fleet.LostEgress.Verdict;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.fleet.Presence;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StoredEgress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One controller without nodes of its own, and what it finds in the store. */
final class ReconcilerTest {
  private final SimulatedTime time = new SimulatedTime();
  private final FleetBook book = new FleetBook(FleetSettings.of("CO_1"), time, new Random(5));
  private final Reconciler reconciler =
      new Reconciler(
          book, time, OnNodeLoss.CONTINUE, Rules.usual(), new Placements(), _ -> Optional.empty());
  private long peersNumber;

  private static StoredEgress row(long sequence, String node, String dispatcher, long updatedAt) {
    EgressInfo info =
        EgressInfo.newBuilder().setEgressId("EG_1").setStatus(EgressStatus.EGRESS_ACTIVE).build();
    return new StoredEgress(
        info, 1, sequence, node, "", 0, updatedAt, dispatcher, ByteString.copyFromUtf8("s"));
  }

  private void pass(Duration span, String... heardByAnother) {
    for (long left = span.toMillis(); left > 0; left -= 500) {
      time.advance(Duration.ofMillis(500));
      book.heard(book.presence());
      if (heardByAnother.length > 0) {
        book.heard(
            Presence.newBuilder()
                .setFormat(2)
                .setControllerId("CO_2")
                .setNumber(++peersNumber)
                .addAllNodeIds(List.of(heardByAnother))
                .build());
      }
      var _ = book.judge();
    }
  }

  private List<Verdict> found(StoredEgress row) {
    return reconciler.sweep(List.of(row)).stream().map(Reconciler.Move::verdict).toList();
  }

  @Test
  void aRowIsAsOldAsThisControllerHasSeenItWhateverTheClocksSay() {
    StoredEgress hourAgo = row(0, "", "CO_gone", time.unixNanos() - 3_600_000_000_000L);
    pass(Duration.ofSeconds(1));
    assertThat(found(hourAgo)).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(found(hourAgo)).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(found(hourAgo)).containsExactly(Verdict.CONTINUE);
    StoredEgress tomorrow = row(0, "", "CO_gone", time.unixNanos() + 86_400_000_000_000L);
    assertThat(found(tomorrow)).containsExactly(Verdict.CONTINUE);
  }

  @Test
  void theEgressOfANodeThatNobodyHearsGoesOnAlsoWhereNoNodeIsKnown() {
    StoredEgress lost = row(5, "NE_1", "", time.unixNanos());
    pass(Duration.ofSeconds(3));
    assertThat(found(lost)).isEmpty();
    pass(Duration.ofSeconds(4));
    assertThat(found(lost)).as("its row was seen 4 s ago").isEmpty();
    pass(Duration.ofSeconds(3));
    assertThat(found(lost)).containsExactly(Verdict.CONTINUE);
  }

  @Test
  void theEgressOfANodeThatAnotherControllerHearsIsLeftToThat() {
    StoredEgress theirs = row(5, "NE_1", "", time.unixNanos());
    pass(Duration.ofSeconds(10), "NE_1");
    assertThat(found(theirs)).isEmpty();
    pass(Duration.ofSeconds(10), "NE_2");
    boolean own = !found(theirs).isEmpty();
    boolean ownWithoutPeers = CanaryPlan.leads("CO_1", "EG_1", List.of("CO_1", "CO_2"));
    assertThat(own).as("heard by none: the first of all acts").isEqualTo(ownWithoutPeers);
  }

  @Test
  void anEgressOfANodeWithoutLeasesIsNeverTakenForLost() {
    StoredEgress ofLiveKit = row(5, "", "", 0);
    pass(Duration.ofSeconds(60));
    assertThat(found(ofLiveKit)).isEmpty();
    pass(Duration.ofSeconds(60));
    assertThat(found(ofLiveKit)).isEmpty();
  }
}
