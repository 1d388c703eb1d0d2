package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission.Cost;
import io.spillway.core.fleet.Admission.Limits;
import io.spillway.core.fleet.Admission.Load;
import io.spillway.core.fleet.Admission.Shortage;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AdmissionTest {
  @ParameterizedTest(name = "busy {0}, reserved {1}, cost {2}, {3} recordings: {4}")
  @CsvSource({
    "0.0, 0.0, 0.5, 0, ''",
    "1.0, 0.0, 0.5, 4, ''",
    "1.2, 0.0, 0.5, 4, 'not enough CPU: 1.20 of 1.60 cores in use, 0.00 reserved, 0.50 needed'",
    "1.0, 0.2, 0.5, 4, 'not enough CPU: 1.00 of 1.60 cores in use, 0.20 reserved, 0.50 needed'",
    "1.9, 0.0, 0.5, 0, ''", // the first is taken in any case
    "0.0, 0.0, 0.5, 10, 'not enough slots: 10 of 10 in use'",
  })
  void cpuAndSlotsDecide(
      double busy, double reserved, double cost, int recordings, String refusal) {
    var load = new Load(2, busy, 100 << 20, recordings, reserved, 0);

    assertThat(Admission.refusal(load, new Limits(0.8, 0, 10), new Cost(cost, 0)).orElse(""))
        .isEqualTo(refusal);
  }

  @ParameterizedTest(name = "{0} MiB used, {1} reserved, {2} needed: {3}")
  @CsvSource({
    "500, 0, 400, ''",
    "500, 200, 400, 'not enough memory: 1100 MiB needed, 1000 MiB allowed'",
    "700, 0, 400, 'not enough memory: 1100 MiB needed, 1000 MiB allowed'",
  })
  void memoryDecidesWhereItIsLimited(long used, long reserved, long needed, String refusal) {
    var load = new Load(2, 0, used << 20, 1, 0, reserved << 20);

    assertThat(
            Admission.refusal(load, new Limits(1, 1000L << 20, 0), new Cost(0, needed << 20))
                .orElse(""))
        .isEqualTo(refusal);
    assertThat(Admission.refusal(load, new Limits(1, 0, 0), new Cost(0, needed << 20))).isEmpty();
  }

  @Test
  void aRefusalTellsAnyReaderWhatIsMissing() {
    var load = new Load(2, 1.9, 900L << 20, 10, 0, 0);
    var free = new Limits(1, 0, 0);
    assertThat(missing(load, new Limits(1, 0, 10))).contains(Shortage.SLOTS);
    assertThat(missing(load, new Limits(0.8, 0, 0))).contains(Shortage.CPU);
    assertThat(missing(load, new Limits(1, 900L << 20, 0))).contains(Shortage.MEMORY);
    assertThat(missing(load, free)).isEmpty();
    assertThat(Shortage.in("no space left on /out")).isEmpty();
  }

  private static Optional<Shortage> missing(Load load, Limits limits) {
    return Admission.refusal(load, limits, new Cost(0.1, 1 << 20)).flatMap(Shortage::in);
  }
}
