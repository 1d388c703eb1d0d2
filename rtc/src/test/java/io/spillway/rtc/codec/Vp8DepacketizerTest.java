package io.spillway.rtc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import org.junit.jupiter.api.Test;

/** RFC 7741, by hand. */
final class Vp8DepacketizerTest {
  private static final String KEY = "3059009d012a4201b6000007";

  private final Collected out = new Collected(Codec.VP8);

  @Test
  void aKeyFrameInOnePacketTellsItsSize() {
    out.end("10" + KEY);
    assertThat(out.only()).isEqualTo(new Collected.Got(KEY, 3_000, true, false, 322, 182));
  }

  @Test
  void allFieldsOfTheDescriptorAreLeftOut() {
    // X; I L T K; 15-bit picture id, TL0PICIDX, TID/KEYIDX.
    out.end("90 f0 8123 45 60" + KEY);
    out.at(6_000).end("90 80 7f 710800"); // 7-bit picture id
    out.at(9_000).end("90 40 45 710801"); // TL0PICIDX alone
    out.at(12_000).end("90 20 60 710802"); // TID alone
    assertThat(out.data()).containsExactly(KEY, "710800", "710801", "710802");
  }

  @Test
  void piecesAndPartitionsArePutTogether() {
    out.more("10" + KEY).more("00 aabb").end("11 ccdd"); // S also begins partition 1
    assertThat(out.only().data()).isEqualTo(KEY + "aabbccdd");
  }

  @Test
  void framesBeforeTheFirstKeyFrameComeOut() {
    out.end("10 710800").at(6_000).end("10" + KEY);
    assertThat(out.frames).extracting(Collected.Got::key).containsExactly(false, true);
  }

  @Test
  void afterALossNothingComesUntilAKeyFrame() {
    out.end("10" + KEY).at(6_000).gap(1).end("10 710800").at(9_000).end("10 710801");
    assertThat(out.frames).hasSize(1);
    assertThat(out.depacketizer.waitsForKeyFrame()).isTrue();
    out.at(12_000).end("10" + KEY).at(15_000).end("10 710802");
    assertThat(out.depacketizer.waitsForKeyFrame()).isFalse();
    assertThat(out.frames).extracting(Collected.Got::afterLoss).containsExactly(false, true, false);
    assertThat(out.depacketizer.framesDropped()).isEqualTo(2);
  }

  @Test
  void missingPaddingBetweenConsecutivePictureIdsIsNoLoss() {
    out.end("90 80 ffff" + KEY).gap(2).at(6_000).end("90 80 8000 710800");
    assertThat(out.data()).containsExactly(KEY, "710800");
    assertThat(out.depacketizer.waitsForKeyFrame()).isFalse();
  }

  @Test
  void aMissingPictureIdIsALoss() {
    out.end("90 80 7f" + KEY).gap(1).at(6_000).end("90 80 01 710800");
    assertThat(out.data()).containsExactly(KEY);
  }

  @Test
  void aPacketMissingInsideAFrameCostsTheFrame() {
    out.more("10" + KEY).gap(1).end("00 aa");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(1);
  }

  @Test
  void aFrameWithoutItsMarkerIsNotTrusted() {
    out.end("10" + KEY).at(6_000).more("10 710800").at(9_000).end("10 710801");
    assertThat(out.data()).containsExactly(KEY);
    assertThat(out.depacketizer.waitsForKeyFrame()).isTrue();
  }

  @Test
  void blankKeyFramesAreCountedAndCanBeLeftOut() {
    String blank = "300200 9d012a 0800 0800 00";
    out.end("10" + blank);
    assertThat(out.only().width()).isEqualTo(8);
    out.depacketizer.dropBlankFrames(true);
    out.at(6_000).end("10" + blank).at(9_000).end("10 710800");
    assertThat(out.frames).hasSize(1);
    assertThat(out.depacketizer.blankFrames()).isEqualTo(2);
    out.at(12_000).end("10" + KEY);
    assertThat(out.frames).hasSize(2);
  }

  @Test
  void descriptorsWithoutPayloadAreMalformed() {
    out.end("10").end("90").end("90 80").end("90 80 81").end("90 f0 8123 45 60");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(5);
  }
}
