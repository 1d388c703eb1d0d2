package io.spillway.controller.frontdoor;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcCode;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the front door decides without asking anybody. */
final class DoorTablesTest {
  @ParameterizedTest
  @CsvSource({
    "EGRESS_ACTIVE,   5, EGRESS_STARTING, 1, true",
    "EGRESS_ACTIVE,   5, EGRESS_STARTING, 9, true", // livekit-server's clock, another machine's
    "EGRESS_ACTIVE,   5, EGRESS_ACTIVE,   5, false",
    "EGRESS_ACTIVE,   5, EGRESS_ACTIVE,   4, true",
    "EGRESS_ACTIVE,   5, EGRESS_ENDING,   1, false",
    "EGRESS_ACTIVE,   5, EGRESS_COMPLETE, 1, false",
    "EGRESS_COMPLETE, 5, EGRESS_COMPLETE, 5, false",
    "EGRESS_FAILED,   9, EGRESS_COMPLETE, 5, false",
    "EGRESS_COMPLETE, 5, EGRESS_ENDING,   9, true",
  })
  void onlyWhatIsLaterIsNews(
      EgressStatus ours, long oursAt, EgressStatus theirs, long theirsAt, boolean news) {
    assertThat(DoorReports.isNews(info(ours, oursAt), info(theirs, theirsAt))).isEqualTo(news);
  }

  private static EgressInfo info(EgressStatus status, long updatedAt) {
    return EgressInfo.newBuilder().setStatus(status).setUpdatedAt(updatedAt).build();
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "FAILED_PRECONDITION",
        "RESOURCE_EXHAUSTED",
        "UNIMPLEMENTED",
        "UNAVAILABLE",
        "INTERNAL"
      })
  void aFailedStartKeepsItsCode(RpcCode code) {
    assertThat(RpcCode.ofHttpStatus(code.httpStatus())).isEqualTo(code);
  }

  @Test
  void whoClaimsAndIsNotHeardForThreeSecondsIsAStranger() {
    Strangers strangers = new Strangers();
    Set<String> claimants = Set.of("CO_own", "CO_new", "NE_x");
    strangers.saw(claimants, Set.of("CO_own"), at(0));
    assertThat(strangers.isAnyUnknown()).isTrue();
    assertThat(strangers.certain()).isEmpty();
    strangers.saw(claimants, Set.of("CO_own", "CO_new"), at(1000));
    strangers.saw(claimants, Set.of("CO_own", "CO_new"), at(2999));
    assertThat(strangers.certain()).isEmpty();
    strangers.saw(claimants, Set.of("CO_own", "CO_new"), at(3000));
    assertThat(strangers.certain()).containsExactly("NE_x");
  }

  @Test
  void aStrangerIsRememberedThroughAFewSilentLooksAndThenForgotten() {
    Strangers strangers = new Strangers();
    strangers.saw(Set.of("NE_x"), Set.of(), at(0));
    strangers.saw(Set.of("NE_x"), Set.of(), at(5_000));
    strangers.saw(Set.of(), Set.of(), at(20_000));
    assertThat(strangers.certain()).containsExactly("NE_x");
    strangers.saw(Set.of(), Set.of(), at(20_001));
    assertThat(strangers.certain()).isEmpty();
    assertThat(strangers.isAnyUnknown()).isFalse();
  }

  private static long at(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
