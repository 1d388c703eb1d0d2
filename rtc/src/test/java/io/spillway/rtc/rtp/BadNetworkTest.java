package io.spillway.rtc.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.rtp.BadNetwork.Weather;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Sender to receiver over a network that loses, doubles and reorders. A failure names its seed. */
final class BadNetworkTest {
  @ParameterizedTest
  @EnumSource(Codec.class)
  void onAFineNetworkEveryFrameComesOutOnceAndNothingIsAskedFor(Codec codec) {
    Path path = new Path(codec, 1, true, Weather.fine());
    path.run(200);
    path.pass(100);
    assertThat(path.data()).isEqualTo(path.sent());
    ReceptionStats stats = path.receiver.stats();
    assertThat(stats.packetsLost()).isZero();
    assertThat(stats.nacksSent()).isZero();
    assertThat(stats.plisSent()).as("the stream begins with a key frame").isZero();
    assertThat(stats.packetsExpected()).isEqualTo(stats.packetsReceived());
    assertThat(stats.packetsReceived()).isEqualTo(path.sender.stats().packets());
    assertThat(stats.bytes()).isEqualTo(path.sender.stats().bytes());
  }

  @ParameterizedTest
  @CsvSource({
    "OPUS,false,0.01,0",
    "OPUS,false,0.03,50",
    "OPUS,false,0.05,50",
    "VP8,true,0.01,50",
    "VP8,false,0.03,50",
    "VP8,true,0.05,50",
    "VP8,false,0.05,5",
    "VP9,true,0.05,50",
    "H264,true,0.03,50",
    "H264,false,0.05,50",
    "H265,true,0.05,50",
    "AV1,true,0.05,50",
    "AV1,false,0.03,5"
  })
  void lostPacketsComeBackAndFramesStayWhole(Codec codec, boolean rtx, double loss, int jitter) {
    for (long seed = 1; seed <= 3; seed++) {
      Path path = new Path(codec, seed, rtx, Weather.bad(loss, jitter));
      path.run(500);
      path.network.weather(Weather.fine());
      path.run(3);
      path.pass(2_000);
      String name = "seed " + seed + ": " + path.receiver.stats();
      assertThat(path.network.lost).as(name).isPositive();
      assertThat(path.receiver.stats().packetsRecovered()).as(name).isPositive();
      // Even three answers can be lost: then frames are missing, but none is damaged or late.
      assertOrderAndContent(path, name);
      int missing = path.sentByTicks.size() - path.got.size();
      assertThat(missing).as(name).isLessThanOrEqualTo(path.video() ? 60 : 3);
    }
  }

  private static void assertOrderAndContent(Path path, String name) {
    Set<String> sent = new HashSet<>(path.sentByTicks.values());
    boolean keySeen = !path.video();
    for (int i = 0; i < path.got.size(); i++) {
      Path.Got got = path.got.get(i);
      keySeen |= got.key();
      if (keySeen) {
        assertThat(sent).as(name).contains(got.data());
      }
      if (i > 0) {
        long step = got.ticks() - path.got.get(i - 1).ticks();
        assertThat(step).as(name).isPositive();
        boolean hole = path.video() && step > path.frameMillis() * 90;
        assertThat(hole && !got.key()).as(name + ": only a key frame after a hole").isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"VP8", "VP9", "H264", "H265", "AV1"})
  void afterALossBeyondRepairThePictureGoesOnWithAKeyFrame(Codec codec) {
    Path path = new Path(codec, 5, true, Weather.fine());
    path.run(50);
    path.network.weather(new Weather(1.0, 0, 10 * Path.MILLIS, 0));
    path.run(600); // longer than the sender's history reaches
    path.network.weather(Weather.fine());
    path.run(100);
    path.pass(200);
    assertThat(path.keyFrames).isEqualTo(2);
    Path.Got back = path.got.get(50);
    assertThat(back.key()).isTrue();
    assertThat(back.afterLoss()).isTrue();
    assertThat(back.discontinuity()).isFalse();
    assertThat(path.got.get(51).afterLoss()).isFalse();
    assertThat(path.receiver.stats().plisSent()).isBetween(1L, 3L);
    // 1.5 s of patience and a round trip after the network came back.
    assertThat(path.receiver.stats().framesDropped()).isPositive();
    assertThat(path.got.size()).isGreaterThan(50 + 100 - 45);
    assertOrderAndContent(path, "outage");
  }

  @Test
  void soundGoesOnAfterAnOutageAndSaysSo() {
    Path path = new Path(Codec.OPUS, 5, false, Weather.fine());
    path.run(50);
    path.network.weather(new Weather(1.0, 0, 10 * Path.MILLIS, 0));
    path.run(1_000);
    path.network.weather(Weather.fine());
    path.run(100);
    path.pass(1_200);
    assertThat(path.got).hasSize(150);
    Path.Got back = path.got.get(50);
    assertThat(back.afterLoss()).isTrue();
    assertThat(back.discontinuity()).as("twenty seconds by the ticks as by the clock").isFalse();
    assertThat(back.ticks() - path.got.get(49).ticks()).isEqualTo(1_001 * 960L);
    assertThat(path.receiver.stats().packetsLost()).isEqualTo(1_000);
  }

  @Test
  void aJumpOfSequenceNumbersWithContinuousTimeIsALossOnly() {
    Path path = new Path(Codec.OPUS, 6, false, Weather.fine());
    path.run(50);
    path.network.weather(new Weather(1.0, 0, 10 * Path.MILLIS, 0));
    path.run(5_000);
    path.network.weather(Weather.fine());
    path.run(100);
    path.pass(1_200);
    // One packet is ignored until the next confirms the jump.
    assertThat(path.got).hasSize(149);
    assertThat(path.got.get(50).discontinuity()).isFalse();
    assertThat(path.got.get(50).afterLoss()).isTrue();
    assertThat(path.got.get(50).ticks() - path.got.get(49).ticks()).isEqualTo(5_002 * 960L);
  }

  @Test
  void aNewSsrcBeginsANewStream() {
    Path path = new Path(Codec.VP8, 7, true, Weather.fine());
    path.run(30);
    path.newSender();
    path.ticks += 1_000_000;
    path.keyWanted = true;
    path.run(30);
    path.pass(100);
    assertThat(path.data()).isEqualTo(path.sent());
    assertThat(path.got).filteredOn(Path.Got::discontinuity).hasSize(2);
    assertThat(path.got.get(30).discontinuity()).isTrue();
    assertThat(path.got.get(30).afterLoss()).isTrue();
    assertThat(path.receiver.stats().packetsLost()).isZero();
    assertThat(path.receiver.stats().packetsExpected())
        .isEqualTo(path.receiver.stats().packetsReceived());
  }

  @Test
  void aReJoinBeginsANewStreamWithTheSameCounters() {
    Path path = new Path(Codec.H264, 8, true, Weather.fine());
    path.run(30);
    path.pass(50);
    path.receiver.streamRestarted();
    path.newSender();
    path.run(30); // no key frame at first: it must be asked for
    path.pass(100);
    assertThat(path.keyFrames).isEqualTo(2);
    Path.Got back = path.got.get(30);
    assertThat(back.key()).isTrue();
    assertThat(back.discontinuity()).isTrue();
    assertThat(path.receiver.stats().packetsExpected())
        .isEqualTo(path.receiver.stats().packetsReceived());
  }

  @Test
  void captureTimesFollowTheSenderReports() {
    Path path = new Path(Codec.OPUS, 9, false, Weather.fine());
    path.run(200);
    assertThat(path.got.getFirst().unix()).isEqualTo(-1);
    Path.Got last = path.got.getLast();
    int framesBack = path.sentByTicks.size() - path.got.size();
    long sentAt = Path.START_UNIX + path.now - (framesBack + 1L) * 20 * Path.MILLIS;
    assertThat(Math.abs(last.unix() - sentAt)).isLessThan(2 * Path.MILLIS);
  }

  @Test
  void drainingDeliversWhatWaitsBehindAHole() {
    Path path = new Path(Codec.OPUS, 10, false, Weather.fine());
    path.run(50);
    path.network.weather(new Weather(1.0, 0, 10 * Path.MILLIS, 0));
    path.run(2);
    path.network.weather(Weather.fine());
    path.run(1);
    path.network.weather(new Weather(0, 0, 10_000 * Path.MILLIS, 0)); // answers come too late
    path.run(5);
    assertThat(path.got).hasSize(50);
    path.receiver.drain();
    assertThat(path.got).hasSize(51);
    assertThat(path.got.getLast().afterLoss()).isTrue();
  }

  @Test
  void aWelcomeKeyFrameIsAskedForOnce() {
    Path path = new Path(Codec.VP8, 11, true, Weather.fine());
    path.run(30);
    path.receiver.requestKeyFrame();
    path.receiver.requestKeyFrame();
    path.run(30);
    assertThat(path.keyFrames).isEqualTo(2);
    assertThat(path.receiver.stats().plisSent()).isEqualTo(1);
  }

  @Test
  void theSenderLearnsLossAndRoundTripFromReports() {
    Path path = new Path(Codec.OPUS, 12, false, Weather.fine());
    path.run(300);
    assertThat(path.sender.stats().roundTripNanos()).isBetween(19 * Path.MILLIS, 23 * Path.MILLIS);
    assertThat(path.sender.stats().lostByPeer()).isZero();
  }
}
