package io.spillway.controller.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.core.alert.Starts;
import io.spillway.core.alert.Tally;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EgressWatchTest {
  private static final Duration HOUR = Duration.ofHours(1);
  @TempDir Path folder;
  private final SimulatedTime time = new SimulatedTime();
  private EgressStore store;
  private Starts starts = new Starts(Duration.ofSeconds(2));
  private EgressWatch watch;
  private long sequence;

  @BeforeEach
  void open() {
    time.advance(HOUR);
    store = EgressStores.sqlite(folder, time);
    watch = new EgressWatch(store, starts, time);
    assertThat(watch.look()).isEmpty();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private EgressInfo.Builder info(String id, EgressStatus status) {
    return EgressInfo.newBuilder()
        .setEgressId(id)
        .setRoomName("studio")
        .setStatus(status)
        .setStartedAt(time.unixNanos())
        .setUpdatedAt(time.unixNanos());
  }

  private void create(String id) {
    store.create(new NewEgress(info(id, EgressStatus.EGRESS_STARTING).build(), ByteString.EMPTY));
  }

  private void report(EgressInfo.Builder info) {
    store.apply(new StatusUpdate(info.build(), 1, ++sequence, "NE_1", ""));
  }

  private Tally outcomes() {
    return starts.outcomes(HOUR, time.nanos());
  }

  @Test
  void aStartThatRecordsCountsWithItsLatency() {
    create("EG_1");
    assertThat(watch.look()).extracting(EgressInfo::getEgressId).containsExactly("EG_1");
    assertThat(watch.look()).isEmpty();
    time.advance(Duration.ofMillis(300));
    report(info("EG_1", EgressStatus.EGRESS_ACTIVE));

    assertThat(watch.look()).hasSize(1);

    assertThat(outcomes()).isEqualTo(new Tally(1, 0));
    assertThat(starts.percentile(0.99, HOUR, time.nanos())).hasValue(0.3);
    assertThat(watch.active()).hasSize(1);
    report(info("EG_1", EgressStatus.EGRESS_COMPLETE));
    assertThat(watch.look()).hasSize(1);
    assertThat(watch.active()).isEmpty();
    assertThat(outcomes()).isEqualTo(new Tally(1, 0));
  }

  @Test
  void whoseFaultAFailedStartWasDecidesWhatItCountsAs() {
    for (int code : new int[] {0, 404, 429, 500, 503}) {
      create("EG_" + code);
      report(info("EG_" + code, EgressStatus.EGRESS_FAILED).setErrorCode(code));
    }
    create("EG_stopped");
    report(info("EG_stopped", EgressStatus.EGRESS_ABORTED).setErrorCode(412));

    watch.look();

    assertThat(outcomes()).isEqualTo(new Tally(0, 4));
    assertThat(starts.refusals(HOUR, time.nanos())).isEqualTo(2);
  }

  @Test
  void aRecordingThatFailsLaterWasAGoodStart() {
    create("EG_1");
    report(info("EG_1", EgressStatus.EGRESS_ACTIVE));
    report(info("EG_1", EgressStatus.EGRESS_FAILED).setErrorCode(503));

    watch.look();

    assertThat(outcomes()).isEqualTo(new Tally(1, 0));
  }

  @Test
  void aControllerThatIsStartedAgainKnowsOfTheLastHours() {
    create("EG_1");
    report(info("EG_1", EgressStatus.EGRESS_FAILED).setErrorCode(503));
    time.advance(Duration.ofMinutes(30));

    Starts again = new Starts(Duration.ofSeconds(2));
    assertThat(new EgressWatch(store, again, time).look()).isEmpty();

    assertThat(again.outcomes(HOUR, time.nanos())).isEqualTo(new Tally(0, 1));
    assertThat(again.outcomes(Duration.ofMinutes(20), time.nanos())).isEqualTo(new Tally(0, 0));
  }

  @Test
  void aStoreThatIsGoneIsNoticedAndNothingIsLostByIt() {
    create("EG_1");
    store.close();

    assertThat(watch.look()).isEmpty();
    assertThat(watch.storeAnswers()).isFalse();
    store = EgressStores.sqlite(folder, time);
    assertThat(store.find("EG_1")).isPresent();
  }

  @Test
  void whatDoesNotGetOnIsStuck() {
    StuckEgresses stuck = new StuckEgresses();
    EgressInfo starting = info("EG_s", EgressStatus.EGRESS_STARTING).build();
    EgressInfo moving = info("EG_m", EgressStatus.EGRESS_ACTIVE).build();
    EgressInfo still = info("EG_t", EgressStatus.EGRESS_ACTIVE).build();
    EgressInfo unheard = info("EG_u", EgressStatus.EGRESS_ACTIVE).build();
    List<EgressInfo> all = List.of(starting, moving, still, unheard);
    List<String> found = List.of();
    for (int second = 0; second <= 31; second++) {
      Map<String, Progress> progress =
          Map.of("EG_m", new Progress(second, 1), "EG_t", new Progress(7, 1));
      found = stuck.find(all, progress, time.nanos(), time.unixNanos());
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(found).containsExactly("EG_t", "EG_u");
    time.advance(Duration.ofSeconds(30));
    assertThat(stuck.find(List.of(starting), Map.of(), time.nanos(), time.unixNanos()))
        .containsExactly("EG_s");
  }
}
