package io.spillway.controller.status;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ACTIVE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_COMPLETE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_FAILED;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_STARTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows whose process was killed. */
final class LostEgressesTest {
  private final SimulatedTime time = new SimulatedTime();
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private EgressStore store;

  @BeforeEach
  void open() {
    store = EgressStores.sqlite(folder, time);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id) {
    store.create(new NewEgress(info(id, EGRESS_STARTING), ByteString.copyFromUtf8("sealed")));
  }

  private static EgressInfo info(String id, EgressStatus status) {
    return EgressInfo.newBuilder()
        .setEgressId(id)
        .setStatus(status)
        .setStartedAt(7)
        .addFileResults(FileInfo.newBuilder().setFilename(id + ".ogg"))
        .build();
  }

  private EgressInfo stored(String id) {
    return store.find(id).orElseThrow().info();
  }

  @Test
  void whatNoNodeKnowsEndsAsLostAndSaysSo() {
    create("EG_starting");
    create("EG_active");
    assertThat(store.fence("EG_active", "test")).isEqualTo(2);
    var _ = store.apply(new StatusUpdate(info("EG_active", EGRESS_ACTIVE), 2, 5, "NE_1", ""));
    LostEgresses lost = LostEgresses.of(store, time);
    time.advance(Duration.ofSeconds(1));

    assertThat(lost.end(Set.of())).isEqualTo(2);

    for (String id : new String[] {"EG_starting", "EG_active"}) {
      EgressInfo info = stored(id);
      assertThat(info.getStatus()).isEqualTo(EGRESS_FAILED);
      assertThat(info.getErrorCode()).isEqualTo(503);
      assertThat(info.getError()).isEqualTo("recording ended early: node lost");
      assertThat(info.getDetails()).isEqualTo("End reason: Failure");
      assertThat(info.getStartedAt()).isEqualTo(7);
      assertThat(info.getEndedAt()).isEqualTo(time.unixNanos());
      assertThat(info.getFileResultsList()).as("what it had is kept").hasSize(1);
      assertThat(store.timeline(id).getLast().reason()).contains("node lost");
    }
    assertThat(store.find("EG_active").orElseThrow().node()).isEqualTo("NE_1");
    assertThat(store.unfinished()).isEmpty();
  }

  @Test
  void whatTheNodeKnowsWhatEndedMeanwhileAndWhatIsNewAreLeftAlone() {
    create("EG_known");
    create("EG_told");
    LostEgresses lost = LostEgresses.of(store, time);
    create("EG_new");
    var _ = store.apply(new StatusUpdate(info("EG_told", EGRESS_COMPLETE), 1, 9, "NE_1", ""));

    assertThat(lost.end(Set.of("EG_known"))).isZero();

    assertThat(stored("EG_known").getStatus()).isEqualTo(EGRESS_STARTING);
    assertThat(stored("EG_told").getStatus()).isEqualTo(EGRESS_COMPLETE);
    assertThat(stored("EG_new").getStatus()).isEqualTo(EGRESS_STARTING);
  }
}
