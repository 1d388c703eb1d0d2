package io.spillway.media.timeline;

import static io.spillway.media.timeline.TrackTimeline.NOWHERE;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrackTimelineTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final long T0 = -77 * SECOND; // nanoTime may be negative
  private static final long TICKS0 = 4_000_000_000L;

  private final TrackTimeline sound = new TrackTimeline(Codec.OPUS);
  private final TrackTimeline pictures = new TrackTimeline(Codec.VP8);

  /** A sound frame; times in milliseconds since the first one; the place in milliseconds. */
  private long sound(double ticksMillis, double arrivalMillis) {
    return sound(ticksMillis, arrivalMillis, false);
  }

  private long sound(double ticksMillis, double arrivalMillis, boolean discontinuity) {
    long ticks = TICKS0 + (long) (ticksMillis * 48);
    long at = sound.place(ticks, T0 + (long) (arrivalMillis * MILLI), discontinuity, true);
    return at / 48;
  }

  @Test
  void theFirstFrameIsAtZero() {
    assertThat(sound.begun()).isFalse();
    assertThat(sound(0, 0, true)).isZero();
    assertThat(sound.begun()).isTrue();
  }

  @Test
  void ticksRuleWhateverTheNetworksDelay() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 3000; i++) {
      assertThat(sound(i * 20, i * 20 + random.nextInt(300))).isEqualTo(i * 20L);
    }
    assertThat(sound.anchors()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    // ticks and arrival after 2 s of normal frames, whether a mute ended there; the place
    "5000, 5000, true, 5000", // ticks ran through the mute
    "2000, 5000, true, 5000", // ticks stood still
    "2000, 2600, true, 2600", // a short mute counts too
    "2000, 2050, true, 2000", // within the jitter: the ticks are right
    "2000, 2600, false, 2000", // a network stall, not a mute
    "9000, 2010, false, 2010", // a jump to the future
    "-50000, 2010, false, 2010", // a jump to the past
    "4500, 4520, false, 4500", // DTX or loss
    "600000, 600020, false, 600000" // ten minutes of silence
  })
  void aJumpIsPlacedByWhatCanBeTrue(int ticks, int arrival, boolean resumed, int place) {
    for (int i = 0; i < 100; i++) {
      sound(i * 20, i * 20);
    }
    if (resumed) {
      sound.resumed();
    }
    assertThat(sound(ticks, arrival)).isEqualTo(place);
    assertThat(sound(ticks + 20, arrival + 20)).isEqualTo(place + 20);
  }

  @Test
  void aNewStreamIsPlacedByItsArrival() {
    for (int i = 0; i < 100; i++) {
      sound(i * 20, i * 20);
    }
    assertThat(sound(123_456_789, 7000, true)).isEqualTo(7000);
    assertThat(sound(123_456_809, 7020)).isEqualTo(7020);
  }

  @Test
  void timeNeverGoesBack() {
    SplittableRandom random = new SplittableRandom(9);
    long last = 0;
    long lastPicture = NOWHERE;
    for (long i = 0; i < 20_000; i++) {
      long ticks = random.nextInt(10) == 0 ? random.nextLong(1L << 40) : i * 960L;
      long arrival = T0 + i * (20 * MILLI) + random.nextLong(SECOND);
      boolean discontinuity = random.nextInt(50) == 0;
      boolean key = random.nextInt(20) == 0;
      if (random.nextInt(50) == 0) {
        sound.resumed();
      }
      long at = sound.place(ticks, arrival, discontinuity, true);
      assertThat(at).isGreaterThanOrEqualTo(last);
      last = at;
      long picture = pictures.place(ticks, arrival, discontinuity, key);
      if (picture != NOWHERE) {
        assertThat(picture).isGreaterThan(lastPicture);
        lastPicture = picture;
      }
    }
  }

  @Test
  void aLateFirstFrameDoesNotShortenTheFile() {
    sound(0, 400); // came 400 ms late, the next ones in time
    for (int i = 1; i < 50; i++) {
      assertThat(sound(i * 20, Math.max(400, i * 20))).isEqualTo(i * 20L);
    }
    assertThat(sound.endAt(T0 + SECOND) / 48).isEqualTo(1000);
  }

  @Test
  void driftFollowsThePublisherUntilItIsHalfASecond() {
    double speed = 1.001; // 1000 ppm, far worse than any crystal
    long worst = 0;
    for (int i = 0; i < 100_000; i++) {
      long at = sound(i * 20 * speed, i * 20);
      worst = Math.max(worst, Math.abs(at - i * 20L));
    }
    assertThat(worst).isBetween(450L, 530L);
    assertThat(sound.anchors()).isBetween(2L, 6L);
  }

  @Test
  void aPictureWaitsForAKeyFrameAtTheStartAndAfterABreak() {
    assertThat(pictures.place(0, T0, true, false)).isEqualTo(NOWHERE);
    assertThat(pictures.place(3000, T0 + 33 * MILLI, false, false)).isEqualTo(NOWHERE);
    assertThat(pictures.begun()).isFalse();
    assertThat(pictures.holdUntil(T0 + 5 * SECOND)).isEqualTo(NOWHERE);
    assertThat(pictures.place(9000, T0 + 100 * MILLI, false, true)).isZero();
    assertThat(pictures.place(12_000, T0 + 134 * MILLI, false, false)).isEqualTo(3000);
    assertThat(pictures.place(77, T0 + 2100 * MILLI, true, false)).isEqualTo(NOWHERE);
    assertThat(pictures.place(3077, T0 + 3100 * MILLI, false, true)).isEqualTo(270_000);
  }

  @Test
  void aMutedTrackBeginsWithSilenceAndSpeechComesInItsPlace() {
    sound.begin(T0);
    assertThat(sound.holdUntil(T0 + SECOND / 2)).isEqualTo(NOWHERE);
    assertThat(sound.holdUntil(T0 + 3 * SECOND)).isEqualTo(2 * 48_000);
    assertThat(sound(0, 4000, true)).isEqualTo(4000);
    assertThat(sound.endAt(T0 + 10 * SECOND)).isEqualTo(10 * 48_000);
  }

  @Test
  void holdsStayASecondBehindAndFramesAlreadyThereNeedNone() {
    for (int i = 0; i < 100; i++) {
      sound(i * 20, i * 20);
    }
    assertThat(sound.holdUntil(T0 + 2 * SECOND)).isEqualTo(NOWHERE);
    assertThat(sound.holdUntil(T0 + 5 * SECOND)).isEqualTo(4 * 48_000);
    assertThat(sound.endAt(T0 + 5 * SECOND)).isEqualTo(5 * 48_000);
  }

  @Test
  void nothingBegunHasNoEnd() {
    assertThat(sound.endAt(T0)).isEqualTo(NOWHERE);
    assertThat(sound.holdUntil(T0)).isEqualTo(NOWHERE);
  }
}
