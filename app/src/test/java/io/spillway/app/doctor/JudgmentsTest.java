package io.spillway.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.doctor.Finding.Verdict;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgmentsTest {
  @ParameterizedTest
  @CsvSource({"1024, WARN", "3149, WARN", "3150, OK", "1048576, OK", "9223372036854775807, OK"})
  void aThousandTracksWantSomeThreeThousandFiles(long limit, Verdict expected) {
    assertThat(Judgments.openFiles(limit).verdict()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"212992, WARN", "524288, OK", "4194304, OK"})
  void aKernelThatCapsTheBufferIsWarnedOf(long kernelMax, Verdict expected) {
    assertThat(Judgments.receiveBuffer(kernelMax, 524_288).verdict()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"32768, 60999, true, OK", "50000, 50100, true, WARN", "50000, 50100, false, FAIL"})
  void portsMustBeFreeAndShouldBeMany(int lowest, int highest, boolean bound, Verdict expected) {
    assertThat(Judgments.ports(lowest, highest, true, bound).verdict()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "true, 99, FAIL",
    "true, 100, WARN",
    "true, 399, WARN",
    "true, 400, OK",
    "false, 999, FAIL"
  })
  void aDiskMustBeWritableAndRoomy(boolean writable, long free, Verdict expected) {
    assertThat(Judgments.disk("/d", writable, free, 100).verdict()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, OK", "1, OK", "-1, OK", "2, WARN", "-59, WARN", "60, FAIL", "-3600, FAIL"})
  void aClockThatTokensCanNotBearFails(int seconds, Verdict expected) {
    assertThat(Judgments.clock(Duration.ofSeconds(seconds)).verdict()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"200, OK", "401, FAIL", "403, FAIL", "404, FAIL", "500, FAIL"})
  void onlyAnAnswerToOurKeyIsGood(int status, Verdict expected) {
    assertThat(Judgments.livekitAnswer("ws://x", status).verdict()).isEqualTo(expected);
  }
}
