package io.spillway.rtc.rtp;

import static io.spillway.rtc.codec.SampleFrames.hex;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The small parts, each by a table of its own. */
final class PartsTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void headersWithExtensionSourcesAndPaddingAreRead() {
    RtpHeader header = new RtpHeader();
    byte[] packet =
        hex("b2 e0 0102 00000003 0000000b 00000001 00000002 bede0001 10aa0000 ccdd 0003 03");
    assertThat(header.parse(packet, 0, packet.length)).isTrue();
    assertThat(header.marker).isTrue();
    assertThat(header.payloadType).isEqualTo(96);
    assertThat(header.sequence).isEqualTo(0x0102);
    assertThat(header.timestamp).isEqualTo(3);
    assertThat(header.ssrc).isEqualTo(11);
    assertThat(header.payloadOffset).isEqualTo(28);
    assertThat(header.payloadLength).isEqualTo(2);
  }

  @Test
  void headersThatDoNotFitAreRefused() {
    RtpHeader header = new RtpHeader();
    String fixed = "60 0102 00000003 0000000b";
    for (String bad :
        new String[] {
          "40" + fixed,
          "8f" + fixed,
          "90" + fixed,
          "90" + fixed + "bede0002 00000000",
          "a0" + fixed,
          "a0" + fixed + "00",
          "a0" + fixed + "0003",
          "80 60 0102"
        }) {
      byte[] packet = hex(bad);
      assertThat(header.parse(packet, 0, packet.length)).as(bad).isFalse();
    }
  }

  @Test
  void sequenceNumbersWrapInBothDirections() {
    SequenceUnwrapper sequences = new SequenceUnwrapper();
    long first = sequences.start(65_534);
    assertThat(sequences.unwrap(65_535)).isEqualTo(first + 1);
    assertThat(sequences.unwrap(1)).isEqualTo(first + 3);
    assertThat(sequences.unwrap(65_535)).isEqualTo(first + 1);
    assertThat(sequences.unwrap(0)).isEqualTo(first + 2);
  }

  @Test
  void aFarNumberIsBelievedOnlyWhenItsSuccessorFollows() {
    SequenceUnwrapper sequences = new SequenceUnwrapper();
    long first = sequences.start(100);
    assertThat(sequences.unwrap(30_000)).isEqualTo(SequenceUnwrapper.IGNORED);
    assertThat(sequences.unwrap(101)).isEqualTo(first + 1);
    assertThat(sequences.unwrap(30_001)).isEqualTo(SequenceUnwrapper.IGNORED);
    assertThat(sequences.unwrap(30_002)).isEqualTo(SequenceUnwrapper.JUMPED);
  }

  @Test
  void ticksFollowTheClockOverAMuteOfDays() {
    TicksUnwrapper ticks = new TicksUnwrapper(48_000);
    long first = ticks.advance(-5, 0);
    assertThat(ticks.advance(955, 20_000_000L)).isEqualTo(first + 960);
    long days = 3 * 86_400L;
    long expected = first + 960 + days * 48_000;
    assertThat(ticks.continues((int) expected, 20_000_000L + days * SECOND)).isTrue();
    assertThat(ticks.advance((int) expected, 20_000_000L + days * SECOND)).isEqualTo(expected);
  }

  @Test
  void aTimestampFarFromTheClockIsANewOrigin() {
    TicksUnwrapper ticks = new TicksUnwrapper(90_000);
    ticks.advance(0, 0);
    assertThat(ticks.continues(90_000 * 9, 0)).isTrue();
    assertThat(ticks.continues(90_000 * 11, 0)).isFalse();
    assertThat(ticks.continues(-90_000 * 11, 0)).isFalse();
    assertThat(ticks.continues(0, 11 * SECOND)).as("a pause without ticks").isFalse();
  }

  @Test
  void theSenderClockFollowsDriftAndIgnoresOneWrongReport() {
    SenderClock clock = new SenderClock(48_000);
    assertThat(clock.unixNanosAt(0)).isEqualTo(-1);
    long unix = 1_800_000_000L * SECOND;
    // The sender's sound card runs 100 ppm fast; a report each second.
    long ticks = 0;
    for (int i = 0; i < 600; i++) {
      clock.report(SenderClock.ntp(unix + i * SECOND), ticks);
      ticks += 48_000 + 48_000 / 10_000;
    }
    long nowTicks = ticks;
    long now = unix + 600 * SECOND;
    assertThat(Math.abs(clock.unixNanosAt(nowTicks) - now)).isLessThan(2_000_000L);
    clock.report(SenderClock.ntp(now + 3_600 * SECOND), nowTicks);
    assertThat(Math.abs(clock.unixNanosAt(nowTicks) - now)).isLessThan(2_000_000L);
    clock.report(0, nowTicks);
    assertThat(Math.abs(clock.unixNanosAt(nowTicks) - now)).isLessThan(2_000_000L);
  }

  @Test
  void aStepOfTheSendersClockCountsWhenItIsConfirmed() {
    SenderClock clock = new SenderClock(48_000);
    long unix = 1_800_000_000L * SECOND;
    clock.report(SenderClock.ntp(unix), 0);
    clock.report(SenderClock.ntp(unix + 61 * SECOND), 48_000);
    assertThat(clock.unixNanosAt(48_000) - unix).isEqualTo(SECOND);
    clock.report(SenderClock.ntp(unix + 62 * SECOND), 96_000);
    assertThat(Math.abs(clock.unixNanosAt(96_000) - unix - 62 * SECOND)).isLessThan(1_000);
  }

  @Test
  void ntpTimesSurviveTheirRoundTripAndTheirEra() {
    long unix = 1_800_000_000_123_456_789L;
    assertThat(Math.abs(SenderClock.unixNanos(SenderClock.ntp(unix)) - unix)).isLessThan(2);
    long in2040 = 2_208_988_800L * SECOND + 5;
    assertThat(Math.abs(SenderClock.unixNanos(SenderClock.ntp(in2040)) - in2040)).isLessThan(7);
  }

  @Test
  void jitterAndLossFractionAreThoseOfTheRfc() {
    ReceptionReport report = new ReceptionReport(8_000);
    report.start(100);
    // Packets each 20 ms (160 ticks); every second one 10 ms (80 ticks) late.
    for (int i = 0; i < 400; i++) {
      report.received(i * 160, i * 20_000_000L + (i % 2) * 10_000_000L, true);
    }
    assertThat(report.jitter()).isBetween(78L, 82L);
    RtcpWriter writer = new RtcpWriter().start();
    report.write(writer, 1, 2, 100 + 499, 8 * SECOND);
    // 500 expected, 400 came: a fifth of 256, and 100.
    assertThat(Bytes.intAt(writer.buffer(), 12)).isEqualTo(51 << 24 | 100);
  }

  @Test
  void aReportEchoesTheSendersLastWithItsAge() {
    ReceptionReport report = new ReceptionReport(48_000);
    report.start(1);
    report.senderReport(0x0102030405060708L, SECOND);
    RtcpWriter writer = new RtcpWriter().start();
    report.write(writer, 1, 2, 1, SECOND * 5 / 2);
    assertThat(Bytes.intAt(writer.buffer(), 24)).isEqualTo(0x03040506);
    assertThat(Bytes.intAt(writer.buffer(), 28)).isEqualTo(65_536 * 3 / 2);
  }

  @Test
  void whatTheSenderCountsAndDoesNotArriveIsKnownWithoutAPacket() {
    SentCount sent = new SentCount();
    sent.reportedBeforeTheFirst(7);
    assertThat(sent.unseen()).as("none came at all").isEqualTo(7);
    sent.restart();
    sent.reported(-5, 100); // the first: whatever it counts
    assertThat(sent.unseen()).isZero();
    sent.reported(245, 348);
    assertThat(sent.unseen()).as("250 more, over the 32 bits' edge; 248 came").isEqualTo(2);
    sent.reported(245, 350);
    assertThat(sent.unseen()).as("the two were on their way").isZero();
    sent.reported(745, 350);
    assertThat(sent.unseen()).isEqualTo(500);
    sent.reported(3, 350);
    assertThat(sent.unseen()).as("a sender that begins anew").isZero();
  }

  @Test
  void anExpectedKeyFrameIsAskedForInGrowingSteps() {
    KeyFrameRequests requests = new KeyFrameRequests();
    requests.expect();
    long asked = 0;
    for (long millis = 0; millis < 10_000; millis += 20) {
      asked += requests.take(millis * 1_000_000, true) ? 1 : 0;
    }
    // 0, 200, 500, 950, 1640, 2660, 4180, then each two seconds.
    assertThat(asked).isEqualTo(9);
    requests.satisfied();
    assertThat(requests.take(20 * SECOND, false)).isFalse();
    assertThat(requests.dueNanos()).isEqualTo(KeyFrameRequests.NEVER);
  }

  @Test
  void aWelcomeKeyFrameWaitsWhilePacketsAreMissingButNotForEver() {
    KeyFrameRequests requests = new KeyFrameRequests();
    requests.wish();
    assertThat(requests.take(0, true)).isFalse();
    assertThat(requests.take(SECOND, true)).isFalse();
    assertThat(requests.take(2 * SECOND, true)).isTrue();
    requests.wish();
    assertThat(requests.take(2 * SECOND + 1, false)).as("a few times a second").isFalse();
    assertThat(requests.take(2 * SECOND + SECOND / 5, false)).isTrue();
  }
}
