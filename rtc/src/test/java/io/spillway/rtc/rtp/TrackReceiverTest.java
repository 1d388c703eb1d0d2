package io.spillway.rtc.rtp;

import static io.spillway.rtc.codec.SampleFrames.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import io.spillway.rtc.rtp.PayloadType.Kind;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Single packets by hand. */
final class TrackReceiverTest {
  private static final long MILLIS = 1_000_000L;
  private static final String PLI = "81ce0002";

  private final List<String> frames = new ArrayList<>();
  private final List<String> feedback = new ArrayList<>();
  private boolean quiet;
  private long framesSeen;

  private TrackReceiver receiver(Codec codec, Kind kind) {
    return new TrackReceiver(
        codec,
        List.of(
            new PayloadType(96, codec, kind, 96, Map.of()),
            new PayloadType(97, codec, Kind.RTX, 96, Map.of())),
        new SplittableRandom(1),
        new TrackReceiver.Out() {
          @Override
          public void frame(Frame frame) {
            framesSeen++;
            if (!quiet) {
              frames.add(
                  HexFormat.of().formatHex(frame.data, frame.offset, frame.offset + frame.length));
            }
          }

          @Override
          public void sendRtcp(byte[] buffer, int offset, int length) {
            if (!quiet) {
              feedback.add(HexFormat.of().formatHex(buffer, offset, offset + length));
            }
          }
        });
  }

  private static void give(TrackReceiver receiver, long millis, String digits) {
    byte[] packet = hex(digits);
    receiver.rtp(packet, 0, packet.length, millis * MILLIS);
  }

  private static String packet(int type, int sequence, int timestamp, int ssrc, String payload) {
    return String.format("80%02x%04x%08x%08x", type, sequence, timestamp, ssrc) + payload;
  }

  @Test
  void senderReportsTellOfPacketsThatDoNotCome() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    giveReport(receiver, 0, 5, 40);
    assertThat(receiver.stats().packetsUnseen()).isEqualTo(40);
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    giveReport(receiver, 100, 5, 50);
    giveReport(receiver, 5_100, 6, 9_000); // not of this stream
    assertThat(receiver.stats().packetsUnseen()).isZero();
    giveReport(receiver, 5_100, 5, 300);
    assertThat(receiver.stats().packetsUnseen()).isEqualTo(250);
  }

  private static void giveReport(TrackReceiver receiver, long millis, int ssrc, int packets) {
    byte[] report =
        hex(String.format("80c80006%08x%016x%08x%08x%08x", ssrc, 1L << 32, 960, packets, 0));
    receiver.rtcp(report, 0, report.length, millis * MILLIS);
  }

  @Test
  void aRepetitionFillsItsHoleUnderItsOriginalNumber() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    give(receiver, 40, packet(96, 12, 2_880, 5, "cc"));
    give(receiver, 60, packet(97, 7, 1_920, 6, "000b" + "bb"));
    give(receiver, 61, packet(97, 8, 1_920, 6, "000b" + "bb"));
    give(receiver, 62, packet(97, 9, 1_920, 6, ""));
    assertThat(frames).containsExactly("aa", "bb", "cc");
    assertThat(receiver.duplicates()).isEqualTo(1);
  }

  @Test
  void redundancyFillsAHoleAtOnceAndCountsAsRecovered() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.RED);
    give(receiver, 0, packet(96, 10, 960, 5, "6f" + "aa"));
    give(receiver, 40, packet(96, 12, 2_880, 5, "ef0f0001" + "6f" + "bb" + "cc"));
    assertThat(frames).containsExactly("aa", "bb", "cc");
    assertThat(receiver.stats().packetsLost()).isZero();
    assertThat(receiver.stats().packetsRecovered()).isEqualTo(1);
  }

  @Test
  void anotherPayloadTypeOnTheSameSsrcHoldsItsNumberOnly() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    give(receiver, 20, packet(13, 11, 1_920, 5, "ff"));
    give(receiver, 40, packet(96, 12, 2_880, 5, "cc"));
    give(receiver, 40, packet(13, 13, 2_880, 77, "ff"));
    assertThat(frames).containsExactly("aa", "cc");
  }

  @Test
  void aStragglerOfTheStreamBeforeDoesNotSwitchBack() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    give(receiver, 20, packet(96, 900, 77, 6, "bb"));
    give(receiver, 25, packet(96, 11, 1_920, 5, "ee"));
    give(receiver, 40, packet(96, 901, 1_037, 6, "cc"));
    assertThat(frames).containsExactly("aa", "bb", "cc");
    assertThat(receiver.stats().packetsExpected()).isEqualTo(3);
  }

  @Test
  void aKeyFrameIsAskedForAtTheFirstPacketThatBeginsNone() {
    TrackReceiver receiver = receiver(Codec.VP8, Kind.MEDIA);
    give(receiver, 0, packet(96, 10, 3_000, 5, "10 710800"));
    assertThat(feedback).hasSize(1);
    assertThat(feedback.getFirst()).startsWith(PLI).endsWith("00000005");
  }

  @Test
  void anAnnouncedSsrcIsAskedBeforeAnyPacket() {
    TrackReceiver receiver = receiver(Codec.VP8, Kind.MEDIA);
    receiver.tick(0);
    assertThat(feedback).isEmpty();
    receiver.announcedSsrc(9);
    receiver.tick(MILLIS);
    assertThat(feedback).hasSize(1);
    assertThat(feedback.getFirst()).startsWith(PLI).endsWith("00000009");
  }

  @Test
  void soundIsNeverAskedForKeyFrames() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    receiver.expectKeyFrame();
    receiver.requestKeyFrame();
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    receiver.tick(100 * MILLIS);
    assertThat(feedback).isEmpty();
  }

  @Test
  void reportsComeWithoutPacketsToo() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    long now = 0;
    int calls = 0;
    while (now < 20_000 * MILLIS) {
      now = receiver.tick(now);
      calls++;
    }
    assertThat(feedback).allMatch(packet -> packet.startsWith("81c90007"));
    assertThat(feedback.size()).isBetween(8, 14);
    assertThat(calls).as("no ticks for nothing").isLessThanOrEqualTo(feedback.size() + 2);
  }

  @Test
  void atTheEndOnlyWhatIsMissingIsTaken() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    give(receiver, 0, packet(96, 10, 960, 5, "aa"));
    give(receiver, 40, packet(96, 12, 2_880, 5, "cc"));
    assertThat(receiver.missing()).isEqualTo(1);
    receiver.takeOnlyMissing();
    give(receiver, 60, packet(96, 13, 3_840, 5, "dd"));
    give(receiver, 61, packet(96, 40_000, 3_840, 5, "dd"));
    give(receiver, 62, packet(96, 40_001, 3_840, 5, "dd"));
    give(receiver, 63, packet(96, 13, 3_840, 99, "dd"));
    give(receiver, 70, packet(96, 11, 1_920, 5, "bb"));
    assertThat(receiver.missing()).isZero();
    receiver.drain();
    assertThat(frames).containsExactly("aa", "bb", "cc");
    assertThat(receiver.stats().packetsLost()).isZero();
    assertThat(receiver.stats().packetsExpected()).isEqualTo(3);
  }

  @Test
  void whatIsNotRtpIsCounted() {
    TrackReceiver receiver = receiver(Codec.OPUS, Kind.MEDIA);
    give(receiver, 0, "00");
    give(receiver, 0, "80");
    assertThat(receiver.malformed()).isEqualTo(2);
  }

  @Test
  void theSteadyPathAllocatesNothing() {
    quiet = true;
    for (Codec codec : new Codec[] {Codec.OPUS, Codec.VP8}) {
      TrackReceiver receiver = receiver(codec, Kind.MEDIA);
      byte[] packet = hex(packet(96, 0, 0, 5, "10" + "3059009d012a4201b6000007".repeat(80)));
      run(receiver, packet, 0, 60_000);
      long before = allocated();
      long seenBefore = framesSeen;
      run(receiver, packet, 60_000, 100_000);
      assertThat(framesSeen - seenBefore).isEqualTo(40_000);
      // A report each second or two writes its name; that is all there may be.
      assertThat(allocated() - before).as(codec + " bytes for 40000 packets").isLessThan(400_000);
    }
  }

  private static void run(TrackReceiver receiver, byte[] packet, int from, int to) {
    packet[1] = (byte) 0xe0;
    for (int i = from; i < to; i++) {
      Bytes.putShort(packet, 2, i);
      Bytes.putInt(packet, 4, i * 1_800);
      receiver.rtp(packet, 0, packet.length, i * 20L * MILLIS);
    }
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
