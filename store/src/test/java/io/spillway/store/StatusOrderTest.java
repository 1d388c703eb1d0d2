package io.spillway.store;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ABORTED;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ACTIVE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_COMPLETE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ENDING;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_FAILED;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_LIMIT_REACHED;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_STARTING;
import static io.spillway.store.StatusOrder.Step.AFTER_END;
import static io.spillway.store.StatusOrder.Step.BACKWARD;
import static io.spillway.store.StatusOrder.Step.FORWARD;
import static io.spillway.store.StatusOrder.Step.SAME;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StatusOrder.Step;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusOrderTest {
  private static final List<EgressStatus> COLUMNS =
      List.of(
          EGRESS_STARTING,
          EGRESS_ACTIVE,
          EGRESS_ENDING,
          EGRESS_COMPLETE,
          EGRESS_FAILED,
          EGRESS_ABORTED,
          EGRESS_LIMIT_REACHED,
          EgressStatus.UNRECOGNIZED);

  /** One row for each stored status, one letter for each new one, in the order of COLUMNS. */
  @ParameterizedTest
  @CsvSource({
    "EGRESS_STARTING,      S F F F F F F B",
    "EGRESS_ACTIVE,        B S F F F F F B",
    "EGRESS_ENDING,        B B S F F F F B",
    "EGRESS_COMPLETE,      E E E E E E E E",
    "EGRESS_FAILED,        E E E E E E E E",
    "EGRESS_ABORTED,       E E E E E E E E",
    "EGRESS_LIMIT_REACHED, E E E E E E E E",
    "UNRECOGNIZED,         F F F F F F F S"
  })
  void everyPairOfStatusesHasItsStep(EgressStatus from, String letters) {
    List<String> expected = List.of(letters.split(" ", -1));
    for (int i = 0; i < COLUMNS.size(); i++) {
      assertThat(StatusOrder.step(from, COLUMNS.get(i)))
          .as("%s to %s", from, COLUMNS.get(i))
          .isEqualTo(stepOf(expected.get(i)));
    }
    assertThat(COLUMNS).containsExactlyInAnyOrder(EgressStatus.values());
  }

  private static Step stepOf(String letter) {
    return switch (letter) {
      case "F" -> FORWARD;
      case "S" -> SAME;
      case "B" -> BACKWARD;
      case "E" -> AFTER_END;
      default -> throw new IllegalArgumentException(letter);
    };
  }

  @ParameterizedTest
  @CsvSource({
    // stored: status, epoch, sequence; update: status, epoch, sequence; verdict
    "EGRESS_ACTIVE,   2, 5, EGRESS_ENDING,   2, 6, ACCEPTED",
    "EGRESS_ACTIVE,   2, 5, EGRESS_ACTIVE,   2, 9, ACCEPTED",
    "EGRESS_ACTIVE,   2, 5, EGRESS_ENDING,   2, 5, OLD_SEQUENCE",
    "EGRESS_ACTIVE,   2, 5, EGRESS_COMPLETE, 1, 99, OLD_EPOCH",
    "EGRESS_ACTIVE,   2, 5, EGRESS_ENDING,   3, 1, ACCEPTED",
    "EGRESS_ACTIVE,   2, 5, EGRESS_STARTING, 3, 1, BACKWARD",
    "EGRESS_COMPLETE, 2, 5, EGRESS_COMPLETE, 2, 5, OLD_SEQUENCE",
    "EGRESS_COMPLETE, 2, 5, EGRESS_FAILED,   2, 6, ALREADY_FINAL",
    "EGRESS_COMPLETE, 2, 5, EGRESS_FAILED,   3, 1, ALREADY_FINAL",
    "EGRESS_COMPLETE, 2, 5, EGRESS_FAILED,   1, 9, OLD_EPOCH",
  })
  void anUpdateIsJudgedByEpochThenSequenceThenStatus(
      EgressStatus status,
      int epoch,
      long sequence,
      EgressStatus newStatus,
      int newEpoch,
      long newSequence,
      Applied verdict) {
    EgressInfo info = EgressInfo.newBuilder().setEgressId("EG_1").setStatus(newStatus).build();
    StatusUpdate update = new StatusUpdate(info, newEpoch, newSequence, "ND_1", "");
    assertThat(StatusOrder.judge(status, epoch, sequence, update)).isEqualTo(verdict);
  }

  @Test
  void onlyTheFourEndsAreFinal() {
    assertThat(COLUMNS.stream().filter(StatusOrder::isFinal))
        .containsExactly(EGRESS_COMPLETE, EGRESS_FAILED, EGRESS_ABORTED, EGRESS_LIMIT_REACHED);
  }
}
