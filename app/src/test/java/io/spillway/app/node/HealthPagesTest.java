package io.spillway.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.node.HealthPages.Facts;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthPagesTest {
  private static final Facts WELL =
      new Facts(
          Duration.ofMillis(900),
          Optional.empty(),
          Duration.ofMillis(1200),
          3,
          0,
          Duration.ZERO,
          false,
          List.of(),
          Optional.empty());

  @Test
  void aNodeThatTakesStartsIsReadyAndSaysHowItIs() {
    assertThat(HealthPages.readyz(WELL).status()).isEqualTo(200);
    assertThat(HealthPages.readyz(WELL).body())
        .isEqualTo(
            """
            ready
            bus proof: 1.2 s old
            recordings: 3
            statuses waiting: 0
            clocks: no peer is more than 2 s off
            """);
  }

  @Test
  void aNodeThatTakesNoneSaysWhyAndWhatElseIsWrong() {
    Facts ill =
        new Facts(
            Duration.ofMillis(900),
            Optional.of("draining: no new egress is taken"),
            Duration.ofDays(365),
            1,
            2,
            Duration.ofSeconds(61),
            true,
            List.of(Path.of("/data/spool/EG_1")),
            Optional.of("the clock of CLI_x is 30000 ms behind ours"));
    assertThat(HealthPages.readyz(ill).status()).isEqualTo(503);
    assertThat(HealthPages.readyz(ill).body())
        .isEqualTo(
            """
            not ready: draining: no new egress is taken
            bus proof: none yet
            recordings: 1
            statuses waiting: 2, the oldest for 61.0 s
            status journal: the disk does not take it, statuses are kept in memory only
            spool: can't be listed, what was left in it is not taken up: [/data/spool/EG_1]
            clocks: the clock of CLI_x is 30000 ms behind ours
            """);
  }

  @Test
  void onlyItsOwnStandstillMakesTheProcessIll() {
    assertThat(HealthPages.healthz(WELL).status()).isEqualTo(200);
    Facts stuck =
        new Facts(
            Duration.ofSeconds(31),
            Optional.empty(),
            Duration.ZERO,
            0,
            0,
            Duration.ZERO,
            false,
            List.of(),
            Optional.empty());
    assertThat(HealthPages.healthz(stuck).status()).isEqualTo(503);
    assertThat(HealthPages.healthz(stuck).body()).contains("31.0 s");
  }

  @Test
  void theStatusPageIsLiveKits() {
    EgressInfo track =
        EgressInfo.newBuilder()
            .setEgressId("EG_1")
            .setTrack(TrackEgressRequest.newBuilder().setRoomName("r").setTrackId("TR_1"))
            .build();
    HttpPort.Page page = HealthPages.status(1.5, List.of(track));
    assertThat(page.contentType()).isEqualTo("application/json");
    assertThat(page.body())
        .isEqualTo(
            "{\"CpuLoad\":1.5,\"EG_1\":{\"Track\":{\"room_name\":\"r\",\"track_id\":\"TR_1\"}}}");
  }
}
