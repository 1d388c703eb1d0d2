package io.spillway.rtc.codec;

import static io.spillway.rtc.codec.SampleFrames.H265_PPS;
import static io.spillway.rtc.codec.SampleFrames.H265_SPS;
import static io.spillway.rtc.codec.SampleFrames.H265_VPS;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** RFC 7798, by hand. */
final class H265DepacketizerTest {
  private static final String VPS = HexFormat.of().formatHex(H265_VPS);
  private static final String SPS = HexFormat.of().formatHex(H265_SPS);
  private static final String PPS = HexFormat.of().formatHex(H265_PPS);
  private static final String SETS = "00000018" + VPS + "0000002a" + SPS + "00000007" + PPS;
  private static final String AGGREGATE = "6001 0018" + VPS + "002a" + SPS + "0007" + PPS;

  private final Collected out = new Collected(Codec.H265);

  @Test
  void anAggregateAndAUnitMakeAPicture() {
    out.more(AGGREGATE).end("2801afaabb");
    assertThat(out.only())
        .isEqualTo(new Collected.Got(SETS + "000000052801afaabb", 3_000, true, false, 322, 182));
  }

  @Test
  void fragmentsArePutTogether() {
    // FU: payload header with type 49, then S/E and the type (20, IDR_N_LP).
    out.more(AGGREGATE).more("6201 94 afaa").more("6201 14 bb").end("6201 54 cc");
    assertThat(out.only().data()).isEqualTo(SETS + "000000062801afaabbcc");
    assertThat(out.only().key()).isTrue();
  }

  @Test
  void parameterSetsThatCameAloneArePutInFront() {
    out.end(AGGREGATE).at(6_000).end("2801afaabb").at(9_000).end("0201d0aa");
    assertThat(out.data()).containsExactly(SETS + "000000052801afaabb", "000000040201d0aa");
    assertThat(out.frames).extracting(Collected.Got::key).containsExactly(true, false);
  }

  @Test
  void delimitersAreLeftOut() {
    out.more("460150").more(AGGREGATE).end("2801afaabb");
    assertThat(out.only().data()).startsWith("00000018");
  }

  @Test
  void lengthsThatDoNotFitAreMalformed() {
    out.end("6001 0000").end("6001 0009 2801af").end("6201").end("6201 94").end("6201 14 af");
    out.end("6401 0000");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(6);
  }
}
