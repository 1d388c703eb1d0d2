package io.spillway.media.bitstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BitstreamTest {
  @ParameterizedTest
  @CsvSource({
    "00, 480",
    "08, 960",
    "10, 1920",
    "18, 2880",
    "60, 480",
    "68, 960",
    "70, 480",
    "78, 960",
    "80, 120",
    "88, 240",
    "90, 480",
    "98, 960",
    "e0, 120",
    "f8, 960",
    "fc, 960",
    "f9, 1920",
    "fa, 1920",
    "1a, 5760",
    "fb06, 5760",
    "fb07, 0",
    "fb, 0",
    "fb00, 0",
    "e330, 5760",
    "1b03, 0",
    "'', 0"
  })
  void anOpusPacketTellsItsDuration(String hex, int ticks) {
    byte[] packet = HexFormat.of().parseHex(hex);
    assertThat(OpusPackets.durationTicks(packet, 0, packet.length)).isEqualTo(ticks);
  }

  @Test
  void aVp9SuperframeTellsItsLargestLayer() {
    String sync = "010010011000001101000010";
    byte[] key = bits("10000010" + sync + "0000" + bits16(319) + bits16(239));
    byte[] inter = bits("10000111" + "0".repeat(8 + 12 + 3) + bits16(639) + bits16(479));
    assertThat(VpxHeaders.vp9(key, 0, key.length)).isEqualTo(new PictureSize(320, 240));
    assertThat(VpxHeaders.vp9(inter, 0, inter.length)).isEqualTo(new PictureSize(640, 480));
    byte[] superframe =
        ByteBuffer.allocate(key.length + inter.length + 4)
            .put(key)
            .put(inter)
            .put(new byte[] {(byte) 0xc1, (byte) key.length, (byte) inter.length, (byte) 0xc1})
            .array();
    assertThat(VpxHeaders.vp9(superframe, 0, superframe.length))
        .isEqualTo(new PictureSize(640, 480));
  }

  private static String bits16(int value) {
    return String.format("%16s", Integer.toBinaryString(value)).replace(' ', '0');
  }

  private static byte[] bits(String binary) {
    byte[] bytes = new byte[(binary.length() + 7) / 8];
    for (int i = 0; i < binary.length(); i++) {
      bytes[i / 8] |= (byte) (binary.charAt(i) == '1' ? 0x80 >> (i % 8) : 0);
    }
    return bytes;
  }

  @Test
  void randomBytesAreNeverMoreThanUnknown() {
    Random random = new Random(3);
    for (int round = 0; round < 50_000; round++) {
      byte[] data = new byte[1 + random.nextInt(60)];
      random.nextBytes(data);
      assertThat(VpxHeaders.vp8(data, 0, data.length).width()).isBetween(0, 65536);
      assertThat(VpxHeaders.vp9(data, 0, data.length).width()).isBetween(0, 65536);
      assertThat(AvcSequence.of(data).size().width()).isBetween(0, 65536);
      assertThat(HevcSequence.of(data).size().width()).isBetween(0, 65536);
      assertThat(OpusPackets.durationTicks(data, 0, data.length)).isBetween(0, 5760);
      long found = Av1Sequence.find(data, 0, data.length);
      if (found >= 0) {
        assertThat((int) found).isLessThanOrEqualTo(data.length);
      }
      assertThat(Av1Sequence.of(data).size().width()).isBetween(0, 65536);
    }
  }
}
