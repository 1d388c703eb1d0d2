package io.spillway.bench.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Optional<Duration> THREE = Optional.of(Duration.ofSeconds(3));

  private static Episode episode(Fault fault, int atSecond, Optional<Duration> noticed) {
    return new Episode(
        fault,
        0,
        "NE_1",
        atSecond * SECOND,
        noticed,
        noticed,
        Duration.ofSeconds(20),
        Optional.of(Duration.ofSeconds(25)),
        false);
  }

  /** Started at {@code atSecond}, recorded {@code seconds} of the ten until its stop. */
  private static Take take(int atSecond, String node, EgressStatus status, int seconds) {
    EgressInfo end =
        EgressInfo.newBuilder()
            .setStatus(status)
            .setRetryCount(seconds < 10 ? 1 : 0)
            .addFileResults(
                FileInfo.newBuilder().setStartedAt(atSecond * SECOND).setDuration(seconds * SECOND))
            .build();
    return new Take(
        atSecond * SECOND,
        atSecond * SECOND,
        Duration.ofMillis(50),
        "EG_" + atSecond,
        "",
        node,
        1,
        (atSecond + 10) * SECOND,
        1,
        (atSecond + 11) * SECOND,
        Optional.of(end));
  }

  private static Outcome outcome(Take take, Episode... episodes) {
    return new Outcome(List.of(take), List.of(episodes), 0, 0);
  }

  @Test
  void aRecordingThatEndsBeforeItsStopIsCut() {
    Episode wedge = episode(Fault.PUBLISH, 100, THREE);
    assertThat(outcome(take(105, "NE_2", EgressStatus.EGRESS_COMPLETE, 10), wedge).cutByWedges())
        .isEmpty();
    assertThat(outcome(take(105, "NE_2", EgressStatus.EGRESS_COMPLETE, 7), wedge).cutByWedges())
        .containsExactly("EG_105");
  }

  @Test
  void whatADeathCutIsNotAWedgesFault() {
    Take cut = take(105, "NE_2", EgressStatus.EGRESS_COMPLETE, 7);
    Outcome outcome = outcome(cut, episode(Fault.KILL, 110, THREE));
    assertThat(outcome.cutByWedges()).isEmpty();
    assertThat(outcome.movedByDeaths()).isOne();
    assertThat(outcome.movedWhole()).isOne();
  }

  @Test
  void workAfterTheNoticeCountsAsWork() {
    Episode wedge = episode(Fault.PUBLISH, 100, THREE);
    assertThat(outcome(take(99, "NE_1", EgressStatus.EGRESS_COMPLETE, 10), wedge).noMoreWork())
        .isEqualTo(THREE);
    assertThat(outcome(take(109, "NE_1", EgressStatus.EGRESS_COMPLETE, 10), wedge).noMoreWork())
        .contains(Duration.ofSeconds(9));
    assertThat(outcome(take(109, "NE_1", EgressStatus.EGRESS_COMPLETE, 10), wedge).timesHold())
        .isFalse();
  }

  @Test
  void aWedgeThatNobodyNoticedIsMissedAndAStormNeedNotBeNoticed() {
    Take well = take(99, "NE_2", EgressStatus.EGRESS_COMPLETE, 10);
    assertThat(outcome(well, episode(Fault.PUBSUB, 100, Optional.empty())).timesHold()).isFalse();
    assertThat(outcome(well, episode(Fault.STORM, 100, Optional.empty())).timesHold()).isTrue();
    assertThat(outcome(well, episode(Fault.STORM, 100, THREE)).wronglySuspected()).isOne();
  }

  @Test
  void failuresAndMissingEndsAreCounted() {
    Take failed = Take.failed(SECOND, SECOND, Duration.ofSeconds(10), "unavailable");
    Take endless =
        new Take(
            SECOND,
            SECOND,
            Duration.ofMillis(50),
            "EG_x",
            "",
            "NE_1",
            1,
            2 * SECOND,
            40,
            120 * SECOND,
            Optional.empty());
    Outcome outcome = new Outcome(List.of(failed, endless), List.of(), 0, 0);
    assertThat(outcome.failedStarts()).isOne();
    assertThat(outcome.withoutEnd()).isOne();
    assertThat(outcome.countsHold()).isFalse();
  }
}
