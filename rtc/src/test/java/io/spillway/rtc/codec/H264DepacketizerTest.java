package io.spillway.rtc.codec;

import static io.spillway.rtc.codec.SampleFrames.H264_BASELINE_SPS;
import static io.spillway.rtc.codec.SampleFrames.H264_PPS;
import static io.spillway.rtc.codec.SampleFrames.H264_SPS;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** RFC 6184, by hand. */
final class H264DepacketizerTest {
  private static final String SPS = HexFormat.of().formatHex(H264_SPS);
  private static final String PPS = HexFormat.of().formatHex(H264_PPS);
  private static final String SETS = "0000001a" + SPS + "00000006" + PPS;

  private final Collected out = new Collected(Codec.H264);

  @Test
  void singleUnitsMakeAPicture() {
    out.more(SPS).more(PPS).end("6588aabb");
    assertThat(out.only())
        .isEqualTo(new Collected.Got(SETS + "000000046588aabb", 3_000, true, false, 322, 182));
  }

  @Test
  void anAggregateIsTakenApart() {
    // STAP-A: header, then each unit after its 16-bit length; delimiter and filler are left out.
    out.end("78 0002 09f0 001a" + SPS + "0006" + PPS + "0003 0cff80 0004 6588aabb");
    assertThat(out.only().data()).isEqualTo(SETS + "000000046588aabb");
  }

  @Test
  void fragmentsArePutTogether() {
    // FU-A: indicator with the unit's NRI, header S/E and type.
    out.more("78 001a" + SPS + "0006" + PPS);
    out.more("7c 85 88aa").more("7c 05 bb").end("7c 45 cc");
    assertThat(out.only().data()).isEqualTo(SETS + "000000056588aabbcc");
    assertThat(out.only().key()).isTrue();
  }

  @Test
  void parameterSetsThatCameAloneAreRememberedAndPutInFront() {
    out.end("78 001a" + SPS + "0006" + PPS).at(6_000).end("6588aabb");
    assertThat(out.only())
        .isEqualTo(new Collected.Got(SETS + "000000046588aabb", 6_000, true, false, 322, 182));
    assertThat(out.depacketizer.framesDropped()).isZero();
  }

  @Test
  void anIdrWithoutParameterSetsIsNoKeyFrame() {
    out.end("6588aabb");
    assertThat(out.only().key()).isFalse();
  }

  @Test
  void theBaselineSizeIsReadToo() {
    out.more(HexFormat.of().formatHex(H264_BASELINE_SPS)).more(PPS).end("6588aabb");
    assertThat(out.only().width()).isEqualTo(322);
    assertThat(out.only().height()).isEqualTo(182);
  }

  @Test
  void aPictureWithoutMarkerEndsWithTheTimestamp() {
    out.more(SPS).more(PPS).more("6588aabb").at(6_000).more("419acc").at(9_000).end("419add");
    assertThat(out.frames).hasSize(3);
  }

  @Test
  void aLostEndWithoutMarkerCostsThePicture() {
    out.more(SPS).more(PPS).more("7c 85 88aa").gap(1).at(6_000).end("419acc");
    assertThat(out.frames).extracting(Collected.Got::key).containsExactly(false);
    assertThat(out.depacketizer.framesDropped()).isEqualTo(1);
  }

  @Test
  void aFragmentWithoutBeginningIsBroken() {
    out.end("7c 05 88aa").at(6_000).more("7c 85 88").end("419a00");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(2);
  }

  @Test
  void lengthsThatDoNotFitAreMalformed() {
    out.end("78 0000").end("78 0005 6588").end("78").end("7c85").end("78 0002").end("7c 98 0000");
    out.end("7a 0000");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(7);
  }
}
