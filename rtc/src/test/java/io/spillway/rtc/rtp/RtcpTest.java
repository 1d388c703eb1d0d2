package io.spillway.rtc.rtp;

import static io.spillway.rtc.codec.SampleFrames.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** RTCP by hand-made bytes of RFC 3550 and RFC 4585. */
final class RtcpTest {
  private final RtcpWriter writer = new RtcpWriter();

  private String written() {
    return HexFormat.of().formatHex(writer.buffer(), 0, writer.length());
  }

  @Test
  void aReceiverReportHasItsFieldsInPlace() {
    writer.start().receiverReport(0x01020304, 0x0a0b0c0d, 0x40, -2, 0x00010203, 77, 0x11223344, 9);
    assertThat(written())
        .isEqualTo(
            "81c90007"
                + "01020304"
                + "0a0b0c0d"
                + "40fffffe"
                + "00010203"
                + "0000004d"
                + "11223344"
                + "00000009");
  }

  @Test
  void theCumulativeLossIsClamped() {
    writer.start().receiverReport(1, 2, 255, 1L << 30, 0, 0, 0, 0);
    assertThat(written()).contains("ff7fffff");
  }

  @Test
  void aNameIsPaddedWithAtLeastOneZero() {
    writer.start().canonicalName(1, "ab");
    assertThat(written()).isEqualTo("81ca0003" + "00000001" + "0102" + "6162" + "00000000");
    writer.start().canonicalName(1, "abc");
    assertThat(written()).isEqualTo("81ca0003" + "00000001" + "0103" + "616263" + "000000");
  }

  @Test
  void lostNumbersShareAMaskOverTheWrap() {
    writer.start().nack(1, 2, new long[] {65_534, 65_535, 65_536, 65_550, 65_551, 65_600}, 6);
    // 65550 is 16 after 65534: the last bit. 65551 begins the next entry.
    assertThat(written())
        .isEqualTo("81cd0005" + "00000001" + "00000002" + "fffe8003" + "000f0000" + "00400000");
  }

  @Test
  void pictureLossAndByeAreShort() {
    writer.start().pictureLoss(1, 2);
    writer.bye(3);
    assertThat(written()).isEqualTo("81ce0002" + "00000001" + "00000002" + "81cb0001" + "00000003");
  }

  @Test
  void aWalkVisitsEachPacketOfACompound() {
    byte[] data = hex("80c90001 00000001" + "a1ca0003 00000001 01026162 00000004" + "80cb0000");
    RtcpReader reader = new RtcpReader();
    reader.start(data, 0, data.length);
    assertThat(reader.next()).isTrue();
    assertThat(reader.type).isEqualTo(201);
    assertThat(reader.next()).isTrue();
    assertThat(reader.bodyLength).as("without padding").isEqualTo(8);
    assertThat(reader.next()).isTrue();
    assertThat(reader.next()).isFalse();
    assertThat(reader.malformed()).isFalse();
  }

  @Test
  void lengthsThatDoNotFitEndTheWalk() {
    for (String bad :
        List.of(
            "80c90002 00000001",
            "80c9",
            "40c90000",
            "a0c90001 00000000",
            "a0c90001 000000ff",
            "a0c90000")) {
      byte[] data = hex(bad);
      RtcpReader reader = new RtcpReader();
      reader.start(data, 0, data.length);
      assertThat(reader.next()).as(bad).isFalse();
      assertThat(reader.malformed()).as(bad).isTrue();
    }
  }

  @Test
  void randomAndMutatedPacketsNeverThrow() {
    for (long seed = 1; seed <= 300; seed++) {
      try {
        storm(new SplittableRandom(seed));
      } catch (RuntimeException failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private static void storm(SplittableRandom random) {
    TrackReceiver receiver = receiver(random);
    TrackSender sender = sender(random);
    byte[][] good = {
      hex("80c80006 0000000b e0000000 00000000 00000001 00000001 00000001"),
      hex("81c90007 00000001 0000000b 40fffffe 00010203 0000004d 11223344 00000009"),
      hex("81cd0003 00000001 0000000b fffe8003"),
      hex("81ce0002 00000001 0000000b"),
      hex("84ce0004 00000001 00000000 0000000b 01000000"),
      hex("9fcb0001 0000000b"),
      hex("80600001 00000001 0000000b aabbccdd"),
      hex("bf600001 00000001 0000000b beef0000"),
      hex("80610001 00000001 0000000c 0001aabb")
    };
    for (int i = 0; i < 200; i++) {
      byte[] data = good[random.nextInt(good.length)].clone();
      for (int n = random.nextInt(4); n > 0; n--) {
        data[random.nextInt(data.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(data.length + 1) : data.length;
      byte[] exact = Arrays.copyOf(data, length);
      long now = i * 7_000_000L;
      receiver.rtcp(exact, 0, length, now);
      receiver.rtp(exact, 0, length, now);
      receiver.tick(now);
      sender.rtcp(exact, 0, length, now);
    }
    receiver.drain();
    receiver.stats();
  }

  private static TrackReceiver receiver(SplittableRandom random) {
    PayloadType.Kind[] kinds = PayloadType.Kind.values();
    return new TrackReceiver(
        random.nextBoolean() ? Codec.VP8 : Codec.OPUS,
        List.of(
            new PayloadType(96, Codec.VP8, kinds[random.nextInt(2)], 96, Map.of()),
            new PayloadType(97, Codec.VP8, PayloadType.Kind.RTX, 96, Map.of())),
        random.split(),
        new TrackReceiver.Out() {
          @Override
          public void frame(Frame frame) {
            assertThat(frame.length).isPositive();
          }

          @Override
          public void sendRtcp(byte[] buffer, int offset, int length) {
            assertThat(buffer.length - length).isGreaterThanOrEqualTo(64);
          }
        });
  }

  private static TrackSender sender(SplittableRandom random) {
    return new TrackSender(
        new TrackSender.Settings(Codec.OPUS, 96, 11, 97, 12, "name"),
        random.split(),
        new TrackSender.Out() {
          @Override
          public void sendRtp(byte[] buffer, int offset, int length) {}

          @Override
          public void sendRtcp(byte[] buffer, int offset, int length) {}

          @Override
          public void keyFrameWanted() {}
        });
  }
}
