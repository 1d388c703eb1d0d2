package io.spillway.controller.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.fleet.TakeUpAnswer;
import io.spillway.protocol.fleet.TakeUpRequest;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.Applied;
import io.spillway.store.ControllerStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoredEgress;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RestartDeskTest {
  @TempDir private Path folder;
  private final SystemTime time = new SystemTime();
  private ControllerStore store;
  private final Set<String> alive = new HashSet<>();
  private RestartDesk desk;

  @BeforeEach
  void open() {
    store = EgressStores.sqlite(folder, time);
    desk = desk(OnNodeLoss.CONTINUE);
    store.create(new NewEgress(info(EgressStatus.EGRESS_STARTING), ByteString.copyFromUtf8("s")));
    assertThat(report(EgressStatus.EGRESS_ACTIVE, 1, 100, "NE_old")).isEqualTo(Applied.ACCEPTED);
  }

  @AfterEach
  void close() {
    store.close();
    time.close();
  }

  private static EgressInfo info(EgressStatus status) {
    return EgressInfo.newBuilder()
        .setEgressId("EG_1")
        .setRoomName("studio")
        .setStatus(status)
        .build();
  }

  private Applied report(EgressStatus status, int epoch, long sequence, String node) {
    EgressInfo info = info(status).toBuilder().setRetryCount(epoch - 1).build();
    return store.apply(new StatusUpdate(info, epoch, sequence, node, ""));
  }

  private RestartDesk desk(OnNodeLoss onNodeLoss) {
    return new RestartDesk(
        store,
        onNodeLoss,
        new RestartDesk.Fleet(_ -> "eu", alive::contains, (controller, _) -> placing(controller)));
  }

  private boolean placing(String controller) {
    return controller.equals("CO_alive");
  }

  private TakeUpAnswer ask(String node, int epoch, String... earlier) {
    return desk.takeUp(
        TakeUpRequest.newBuilder()
            .setEgressId("EG_1")
            .setNodeId(node)
            .setEpoch(epoch)
            .addAllEarlierNodeIds(List.of(earlier))
            .build());
  }

  @Test
  void anEgressThatALivingNodeHasIsNotTakenFromIt() {
    alive.add("NE_old");
    assertThat(ask("NE_new", 1, "NE_before").getReason()).isEqualTo("another node has it");
    assertThat(ask("NE_new", 1).getReason()).isEqualTo("another node has it");
    assertThat(row().epoch()).isEqualTo(1);
    assertThat(row().node()).isEqualTo("NE_old");
    assertThat(ask("NE_new", 1, "NE_before", "NE_old").getEpoch()).isEqualTo(2);
  }

  @Test
  void aNodeThatDiedBetweenTheAnswerAndItsSpoolGetsItInItsNextLife() {
    assertThat(ask("NE_2", 1, "NE_old").getEpoch()).isEqualTo(2);
    assertThat(ask("NE_3", 1, "NE_old", "NE_2").getEpoch()).isEqualTo(3);
    assertThat(row().node()).isEqualTo("NE_3");
  }

  @Test
  void whatAControllerIsLookingForANodeForIsAskedForAgainLater() {
    store.create(
        new NewEgress(
            info(EgressStatus.EGRESS_STARTING).toBuilder().setEgressId("EG_2").build(),
            ByteString.EMPTY,
            "CO_alive"));
    store.create(
        new NewEgress(
            info(EgressStatus.EGRESS_STARTING).toBuilder().setEgressId("EG_3").build(),
            ByteString.EMPTY,
            "CO_gone"));
    TakeUpRequest.Builder question =
        TakeUpRequest.newBuilder().setNodeId("NE_new").setEpoch(1).addEarlierNodeIds("NE_old");
    assertThatThrownBy(() -> desk.takeUp(question.setEgressId("EG_2").build()))
        .isInstanceOfSatisfying(
            RpcException.class, why -> assertThat(why.code()).isEqualTo(RpcCode.UNAVAILABLE));
    assertThat(desk.takeUp(question.setEgressId("EG_3").build()).getEpoch()).isEqualTo(2);
  }

  @Test
  void whereLostEgressesEndARestartedNodeGetsNoneBack() {
    desk = desk(OnNodeLoss.END);
    assertThat(ask("NE_new", 1, "NE_old").getEpoch()).isZero();
    assertThat(row().epoch()).isEqualTo(1);
  }

  private StoredEgress row() {
    return store.find("EG_1").orElseThrow();
  }

  @Test
  void theNodeGetsTheNextEpochAndTheRowSaysThatItHasIt() {
    assertThat(ask("NE_new", 1).getEpoch()).isEqualTo(2);
    assertThat(row().epoch()).isEqualTo(2);
    assertThat(row().node()).isEqualTo("NE_new");
    assertThat(row().region()).isEqualTo("eu");
    assertThat(row().sequence()).isPositive();
    assertThat(row().dispatcher()).isEmpty();
    assertThat(row().info().getStatus()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
    assertThat(row().sealedRequest()).isNotEmpty();
    assertThat(report(EgressStatus.EGRESS_ACTIVE, 1, 900, "NE_old")).isEqualTo(Applied.OLD_EPOCH);
    assertThat(report(EgressStatus.EGRESS_ACTIVE, 2, 200, "NE_new")).isEqualTo(Applied.ACCEPTED);
  }

  @Test
  void aRepeatedQuestionGetsTheSameAnswer() {
    assertThat(ask("NE_new", 1).getEpoch()).isEqualTo(2);
    assertThat(ask("NE_new", 1).getEpoch()).isEqualTo(2);
    assertThat(row().epoch()).isEqualTo(2);
  }

  @Test
  void whatIsBeingGivenToAnotherNodeIsNotGivenBack() {
    assertThat(store.fenceFrom("EG_1", 1, "CO_1", "node lost")).contains(2);
    TakeUpAnswer answer = ask("NE_new", 1);
    assertThat(answer.getEpoch()).isZero();
    assertThat(answer.getReason()).isEqualTo("another node has it");
    assertThat(row().epoch()).isEqualTo(2);
    assertThat(row().node()).isEmpty();
  }

  @Test
  void afterTheNodeHasItAMoveOfTheEarlierEpochDoesNothing() {
    assertThat(ask("NE_new", 1).getEpoch()).isEqualTo(2);
    assertThat(store.fenceFrom("EG_1", 1, "CO_1", "node lost")).isEmpty();
  }

  @Test
  void ofTwoNodesThatClaimToBeTheRestartedOneOneGetsIt() {
    assertThat(ask("NE_new", 1).getEpoch()).isEqualTo(2);
    assertThat(ask("NE_other", 1).getEpoch()).isZero();
  }

  @Test
  void whatHasEndedIsNotGiven() {
    assertThat(report(EgressStatus.EGRESS_FAILED, 1, 200, "NE_old")).isEqualTo(Applied.ACCEPTED);
    assertThat(ask("NE_new", 1).getReason()).isEqualTo("it has ended");
  }

  @Test
  void aStoreThatIsBehindTheNodeGoesOnAfterIt() {
    assertThat(ask("NE_new", 4).getEpoch()).isEqualTo(5);
    assertThat(row().epoch()).isEqualTo(5);
  }

  @Test
  void anUnknownEgressIsSaidToBeUnknown() {
    assertThatThrownBy(() ->
            desk.takeUp(
                TakeUpRequest.newBuilder()
                    .setEgressId("EG_2")
                    .setNodeId("NE_new")
                    .setEpoch(1)
                    .build()))
        .isInstanceOfSatisfying(
            RpcException.class, why -> assertThat(why.code()).isEqualTo(RpcCode.NOT_FOUND));
  }
}
