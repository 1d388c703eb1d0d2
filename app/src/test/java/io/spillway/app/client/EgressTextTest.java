package io.spillway.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.time.Duration;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EgressTextTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0:00.0",
    "7540, 0:07.5",
    "61000, 1:01.0",
    "3723400, 1:02:03.4",
  })
  void lengthsAreShownAsAClock(long millis, String expected) {
    assertThat(EgressText.clock(Duration.ofMillis(millis))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1000, 1.0 kB",
    "999949, 999.9 kB",
    "999950, 1.0 MB",
    "1400000, 1.4 MB",
    "9223372036854775807, 9.2 EB",
  })
  void sizesAreShownInPowersOfThousand(long bytes, String expected) {
    assertThat(EgressText.bytes(bytes)).isEqualTo(expected);
  }

  @Test
  void aRunningEgressIsAsLongAsItHasRun() {
    EgressInfo info = EgressInfo.newBuilder().setStartedAt(1_000_000_000L).build();

    assertThat(EgressText.duration(info, 4_500_000_000L)).isEqualTo(Duration.ofMillis(3500));
  }

  @Test
  void anEndedEgressIsAsLongAsItsFile() {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setStartedAt(1)
            .setEndedAt(9_000_000_000L)
            .addFileResults(FileInfo.newBuilder().setDuration(5_000_000_000L).setSize(77))
            .build();

    assertThat(EgressText.duration(info, 0)).isEqualTo(Duration.ofSeconds(5));
    assertThat(EgressText.size(info)).isEqualTo(77);
  }

  @Test
  void jsonShowsTheFirstStatusToo() {
    assertThat(EgressText.json(EgressInfo.getDefaultInstance()))
        .contains("\"status\": \"EGRESS_STARTING\"")
        .contains("\"egress_id\": \"\"");
  }

  @Test
  void onlyTheLastFourStatusesAreFinal() {
    for (EgressStatus status : EgressStatus.values()) {
      boolean last =
          status != EgressStatus.UNRECOGNIZED
              && status.getNumber() >= EgressStatus.EGRESS_COMPLETE_VALUE;
      assertThat(EgressText.isFinal(status)).as(status.name()).isEqualTo(last);
    }
  }

  @Test
  void aMomentThatHasNotComeIsADash() {
    assertThat(EgressText.when(0, ZoneOffset.UTC)).isEqualTo("-");
    assertThat(EgressText.when(1_700_000_000_000_000_000L, ZoneOffset.UTC))
        .isEqualTo("2023-11-14 22:13:20");
  }
}
