package io.spillway.rtc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import org.junit.jupiter.api.Test;

/** RTP payload format for AV1, by hand. */
final class Av1DepacketizerTest {
  private static final String SEQUENCE_BODY = "000000043d06d46af98040";
  private static final String SEQUENCE = "0a0b" + SEQUENCE_BODY;

  private final Collected out = new Collected(Codec.AV1);

  @Test
  void elementsWithoutSizeGetOne() {
    // W=2, N: sequence header (type 1, no size) with its length, frame (type 6) without.
    out.end("28 0c 08" + SEQUENCE_BODY + "30 14aabb");
    assertThat(out.only())
        .isEqualTo(
            new Collected.Got(
                SEQUENCE + "3203 14aabb".replace(" ", ""), 3_000, true, false, 322, 182));
  }

  @Test
  void withoutCountEveryElementHasALength() {
    // W=0: temporal delimiter (left out), sequence header, frame.
    out.end("08 02 1200 0c 08" + SEQUENCE_BODY + "04 30 14aabb");
    assertThat(out.only().data()).isEqualTo(SEQUENCE + "320314aabb");
  }

  @Test
  void elementsWithSizeKeepIt() {
    out.end("28 0d" + SEQUENCE + "32 03 14aabb");
    assertThat(out.only().data()).isEqualTo(SEQUENCE + "320314aabb");
  }

  @Test
  void aWastefulSizeFieldIsMadeShort() {
    out.end("28 0d" + SEQUENCE + "32 838000 14aabb");
    assertThat(out.only().data()).isEqualTo(SEQUENCE + "320314aabb");
  }

  @Test
  void fragmentsArePutTogether() {
    // Y: the last element goes on; Z: the first is a continuation.
    out.more("68 0c 08" + SEQUENCE_BODY + "30 14aa").more("d0 bb").end("90 cc");
    assertThat(out.only().data()).isEqualTo(SEQUENCE + "320414aabbcc");
  }

  @Test
  void theExtensionByteStaysAndInterFramesAreNoKeyFrames() {
    out.end("10 34 08 30aa");
    assertThat(out.only().data()).isEqualTo("36080230aa");
    assertThat(out.only().key()).isFalse();
  }

  @Test
  void aContinuationOfNothingIsBroken() {
    out.end("90 cc").at(6_000).more("50 30 14").end("10 30 14");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(2);
  }

  @Test
  void aTemporalDelimiterAloneIsNothing() {
    out.end("10 10");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isZero();
  }

  @Test
  void lengthsThatDoNotFitAreMalformed() {
    out.end("00 05 30")
        .end("20 ff")
        .end("00 ffffffffff")
        .end("10 32 7f00")
        .end("98 30")
        .end("10 b0 00");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(6);
  }
}
