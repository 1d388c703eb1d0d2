package io.spillway.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalFormatTest {
  private static final JournalRecord RECORD =
      new JournalRecord(9, "EG_é", 2, true, 17, new byte[] {1, 2, 3});

  private static byte[] frame(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload);
    return ByteBuffer.allocate(8 + payload.length)
        .putInt(payload.length)
        .putInt((int) crc.getValue())
        .put(payload)
        .array();
  }

  @Test
  void aRecordComesBackAsItWasWritten() throws IOException {
    JournalFormat.Content content = JournalFormat.read(JournalFormat.report(RECORD).array());
    JournalRecord read = content.pending().getFirst();
    assertThat(read).usingRecursiveComparison().isEqualTo(RECORD);
    assertThat(content.nextSequence()).isEqualTo(10);
  }

  @Test
  void theHeaderKeepsSequencesRisingWhenAllIsAcknowledged() throws IOException {
    assertThat(JournalFormat.read(JournalFormat.header(77).array()).nextSequence()).isEqualTo(77);
    assertThat(JournalFormat.read(JournalFormat.acknowledged(80).array()).nextSequence())
        .isEqualTo(81);
  }

  @Test
  void kindsOfALaterProgramAreSteppedOver() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(frame(new byte[] {42, 1, 2, 3}));
    file.writeBytes(JournalFormat.report(RECORD).array());
    JournalFormat.Content content = JournalFormat.read(file.toByteArray());
    assertThat(content.pending()).hasSize(1);
    assertThat(content.wholeBytes()).isEqualTo(file.size());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void misshapenFramesHideNoReportBehindThem(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] payload = new byte[1 + random.nextInt(40)];
      random.nextBytes(payload);
      payload[0] = (byte) (1 + random.nextInt(3)); // not a header: its version may be refused
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      file.writeBytes(frame(payload));
      file.writeBytes(JournalFormat.report(RECORD).array());
      assertThat(JournalFormat.read(file.toByteArray()).pending())
          .as("seed %d, round %d", seed, i)
          .anySatisfy(record -> assertThat(record.sequence()).isEqualTo(RECORD.sequence()));
    }
  }

  /** A bad sector, wherever it lies: in a length, a checksum or a report. */
  @Test
  void damageInTheMiddleCostsOneReportAndNoneBehindIt() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(JournalFormat.header(1).array());
    int from = file.size();
    file.writeBytes(JournalFormat.report(report(1)).array());
    int to = file.size();
    file.writeBytes(JournalFormat.report(report(2)).array());
    file.writeBytes(JournalFormat.report(report(3)).array());
    file.writeBytes(JournalFormat.acknowledged(2).array());
    for (int at = from; at < to; at++) {
      for (int flip : new int[] {0x01, 0x10, 0xff}) {
        byte[] damaged = file.toByteArray();
        damaged[at] ^= (byte) flip;
        JournalFormat.Content content = JournalFormat.read(damaged);
        assertThat(content.pending())
            .as("byte %d", at)
            .extracting(JournalRecord::sequence)
            .containsExactly(3L);
        assertThat(content.damagedBytes()).isEqualTo(to - from);
        assertThat(content.wholeBytes()).isEqualTo(file.size());
        assertThat(content.nextSequence()).isEqualTo(4);
      }
    }
  }

  @Test
  void damagedReportsInARowAreSteppedOverTogether() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[4096]); // as a file system gives back a lost page, its header too
    file.writeBytes(JournalFormat.report(report(3)).array());
    file.writeBytes(Arrays.copyOf(JournalFormat.report(report(4)).array(), 20)); // torn
    JournalFormat.Content content = JournalFormat.read(file.toByteArray());
    assertThat(content.pending()).extracting(JournalRecord::sequence).containsExactly(3L);
    assertThat(content.damagedBytes()).isEqualTo(4096);
    assertThat(content.wholeBytes()).isEqualTo(file.size() - 20);
  }

  private static JournalRecord report(long sequence) {
    return new JournalRecord(sequence, "EG_1", 1, false, 17, new byte[] {0, 0, 0, 9, 2, 7});
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomBytesAreATornTailAndNothingElse(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      JournalFormat.Content content = JournalFormat.read(bytes);
      assertThat(content.pending()).isEmpty();
      assertThat(content.wholeBytes()).isZero();
    }
  }
}
