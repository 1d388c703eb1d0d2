package io.spillway.rtc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import org.junit.jupiter.api.Test;

/** RFC 7587 and RFC 2198, by hand. */
final class AudioDepacketizerTest {
  private final Collected out = new Collected(Codec.OPUS);

  @Test
  void anOpusPayloadIsAFrame() {
    out.at(960).more("fc aabb").at(1920).more("f8 ff fe");
    assertThat(out.data()).containsExactly("fcaabb", "f8fffe");
    assertThat(out.frames).allMatch(Collected.Got::key).noneMatch(Collected.Got::afterLoss);
  }

  @Test
  void theFrameAfterALossSaysSo() {
    out.at(960).more("01").gap(1).at(2880).more("03");
    assertThat(out.frames.get(1).afterLoss()).isTrue();
  }

  // Two headers of four bytes: F=1, PT 111, offset 14 bits, length 10 bits; then F=0, PT 111.
  private static final String TWO_BLOCKS = "ef 1e0002" /* offset 1920, length 2 */;

  private static String red(
      int olderOffset, String older, int newerOffset, String newer, String now) {
    return header(olderOffset, older) + header(newerOffset, newer) + "6f" + older + newer + now;
  }

  private static String header(int offset, String block) {
    int fields = offset << 10 | block.length() / 2;
    return "ef" + String.format("%06x", fields);
  }

  @Test
  void redundantBlocksAreLeftOutWhileNothingIsMissing() {
    assertThat(header(1920, "aaaa")).isEqualTo(TWO_BLOCKS.replace(" ", ""));
    out.at(960).more("01").at(1920).more("02").at(2880).red(red(1920, "01", 960, "02", "03"));
    assertThat(out.data()).containsExactly("01", "02", "03");
    assertThat(out.depacketizer.packetsFilled()).isZero();
  }

  @Test
  void redundantBlocksFillTheHoleBeforeThem() {
    out.at(960).red("6f" + "01").gap(2).at(3840).red(red(1920, "02", 960, "03", "04"));
    assertThat(out.data()).containsExactly("01", "02", "03", "04");
    assertThat(out.frames)
        .extracting(Collected.Got::ticks)
        .containsExactly(960L, 1920L, 2880L, 3840L);
    assertThat(out.frames).noneMatch(Collected.Got::afterLoss);
    assertThat(out.depacketizer.packetsFilled()).isEqualTo(2);
  }

  @Test
  void aHoleLargerThanTheRedundancyIsALossBeforeTheFirstBlock() {
    out.at(960).red("6f" + "01").gap(3).at(4800).red(red(1920, "03", 960, "04", "05"));
    assertThat(out.data()).containsExactly("01", "03", "04", "05");
    assertThat(out.frames)
        .extracting(Collected.Got::afterLoss)
        .containsExactly(false, true, false, false);
  }

  @Test
  void blocksOlderThanTheLastFrameAreNotPlayedTwice() {
    out.at(1920).red("6f" + "02").gap(1).at(3840).red(red(1920, "02", 960, "03", "04"));
    assertThat(out.data()).containsExactly("02", "03", "04");
  }

  @Test
  void lengthsThatDoNotFitAreCounted() {
    // Length 1023, but two bytes follow.
    out.red("ef 0f03ff 6f 0102").red("ef").red("ef ef ef ef").red("ffffffffffffffff");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.malformed()).isEqualTo(4);
  }
}
