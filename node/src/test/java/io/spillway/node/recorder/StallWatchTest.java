package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.node.recorder.StallWatch.Seen;
import io.spillway.node.recorder.StallWatch.Step;
import io.spillway.node.recorder.StallWatch.Verdict;
import io.spillway.rtc.TrackEvents.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A look each second. */
final class StallWatchTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long START = 5_000 * SECOND;

  private StallWatch watch = StallWatch.begin(START);
  private long now = START;
  private long media = Long.MIN_VALUE;
  private long bytes;
  private long unseen;

  /**
   * What each second of a minute without a written frame brings, and after how many seconds it is
   * called a stall; 0: never.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // what, flow, connected, bytes each second, unseen packets each fifth second, stalled after
    "muted, MUTED, true, 100, 50, 0",
    "paused by the SFU, PAUSED_BY_SFU, true, 0, 50, 0",
    "a connection being repaired, FLOWING, false, 0, 50, 0",
    "DTX silence: reports that count nothing new, FLOWING, true, 0, 0, 0",
    "packets that become no frame, FLOWING, true, 1000, 0, 11",
    "reports that count what does not come, FLOWING, true, 0, 250, 15",
    "both, FLOWING, true, 1000, 250, 11"
  })
  void aMinuteWithoutMediaIsAStallOnlyWhereSomethingSaysThatTheTrackFlows(
      String what, Flow flow, boolean connected, long bytesEach, long unseenEach, long after) {
    long stalledAfter = 0;
    for (int second = 1; second <= 60 && stalledAfter == 0; second++) {
      bytes += bytesEach;
      unseen += second % 5 == 0 ? unseenEach : 0;
      boolean goesOn = look(flow, connected) instanceof Verdict.GoesOn;
      stalledAfter = goesOn ? 0 : second;
    }
    assertThat(stalledAfter).as(what).isEqualTo(after);
  }

  @Test
  void noReportsAndNoPacketsAreTheConnectionsAffair() {
    play(30);
    for (int second = 0; second < 3600; second++) {
      assertThat(look(Flow.FLOWING, true)).isInstanceOf(Verdict.GoesOn.class);
    }
  }

  /** Reports are seconds old, and a few packets are always on their way when one is made. */
  @Test
  void theLastPacketsBeforeASilenceAreNoStall() {
    play(30);
    unseen += 3;
    bytes += 900; // and half a picture
    for (int second = 0; second < 60; second++) {
      assertThat(look(Flow.FLOWING, true)).isInstanceOf(Verdict.GoesOn.class);
    }
  }

  @Test
  void aTrackThatSpeaksAgainAfterAnHoursSilenceHasTenSecondsForItsFirstFrame() {
    play(1);
    for (int second = 0; second < 3600; second++) {
      look(Flow.FLOWING, true);
    }
    for (int second = 0; second < 10; second++) {
      bytes += 1000;
      assertThat(look(Flow.FLOWING, true)).isInstanceOf(Verdict.GoesOn.class);
    }
    play(1);
    for (int second = 0; second < 10; second++) {
      bytes += 1000;
      assertThat(look(Flow.FLOWING, true)).isInstanceOf(Verdict.GoesOn.class);
    }
    bytes += 1000;
    assertThat(look(Flow.FLOWING, true)).isInstanceOf(Verdict.Restart.class);
  }

  @Test
  void afterThreeRestartsInARowItIsGivenUp() {
    assertThat(((Verdict.Restart) stall()).why())
        .isEqualTo(
            "no media for 10 s though the track flows (packets arrive, but no frame can be made of"
                + " them): subscribed anew, 1 of 3");
    assertThat(stall()).isInstanceOf(Verdict.Restart.class);
    play(60);
    assertThat(stall()).as("a minute is not enough to forget").isInstanceOf(Verdict.Restart.class);
    assertThat(((Verdict.GiveUp) stall()).failure().text())
        .isEqualTo(
            "recording ended early: no media after 3 new subscriptions:"
                + " packets arrive, but no frame can be made of them");
  }

  @Test
  void restartsAreForgottenAfterTenMinutesOfMedia() {
    for (int round = 0; round < 10; round++) {
      assertThat(stall()).as("round %d", round).isInstanceOf(Verdict.Restart.class);
      play(600);
    }
  }

  private void play(int seconds) {
    for (int second = 0; second < seconds; second++) {
      media = now + SECOND - 5_000_000;
      bytes += 1000;
      assertThat(look(Flow.FLOWING, true)).isInstanceOf(Verdict.GoesOn.class);
    }
  }

  /** Packets without frames until something is done about it; a new subscription counts anew. */
  private Verdict stall() {
    while (true) {
      bytes += 1000;
      Verdict verdict = look(Flow.FLOWING, true);
      if (!(verdict instanceof Verdict.GoesOn)) {
        bytes = 0;
        unseen = 0;
        return verdict;
      }
      assertThat(now - START).as("never stalls").isLessThan(100_000 * SECOND);
    }
  }

  private Verdict look(Flow flow, boolean connected) {
    now += SECOND;
    Step step = watch.next(new Seen(flow, connected, media, bytes, unseen), now);
    watch = step.watch();
    return step.verdict();
  }
}
