package io.spillway.bench.tracks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.spillway.bench.meter.NodeCounters;
import io.spillway.bench.meter.Quantiles;
import io.spillway.bench.meter.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictsTest {
  private static final NodeCounters CLEAN = new NodeCounters(1000, 1000, 0, 3, 0, 0, 0);

  @Test
  void aStartIsJudgedByItsMedianAndItsWorst() {
    Starts starts = new Starts(Kind.AUDIO, millis(60, 310), millis(1, 1), usage(1, 0, 0.01));

    assertThat(Verdicts.of(List.of(starts), List.of()))
        .extracting(Verdict::measured, Verdict::grade)
        .containsExactly(tuple(60.0, Verdict.Grade.OK), tuple(310.0, Verdict.Grade.MISSED));
  }

  @Test
  void cpuIsJudgedAtTheFullLoadOnly() {
    assertThat(whats(load(Kind.AUDIO, 50, 1, 0.01))).noneMatch(what -> what.contains("CPU"));
    assertThat(whats(load(Kind.AUDIO, 200, 1, 0.01)))
        .contains("200 audio, CPU per track minute", "200 audio started");
    assertThat(whats(load(Kind.VIDEO, 20, 1, 0.01))).contains("20 720p, CPU per track minute");
  }

  @Test
  void cpuSecondsAreThoseOfOneTrackForOneMinute() {
    // 200 tracks for 30 s are 100 track minutes
    Load load = load(Kind.AUDIO, 200, 2.9, 0.01);

    Verdict verdict = Verdicts.of(List.of(), List.of(load)).getFirst();

    assertThat(verdict.measured()).isCloseTo(0.029, within(1e-9));
    assertThat(verdict.grade()).isEqualTo(Verdict.Grade.REACHED);
  }

  @Test
  void aBusyMachineGetsNoVerdictEvenForAGoodFigure() {
    assertThat(Verdicts.of(List.of(), List.of(load(Kind.AUDIO, 200, 0.1, 0.16))))
        .extracting(Verdict::grade)
        .containsOnly(Verdict.Grade.NO_VERDICT);
  }

  @Test
  void oneMissingPacketIsAMiss() {
    NodeCounters lossy = new NodeCounters(1000, 999, 0, 0, 0, 0, 0);
    Load load = new Load(Kind.VIDEO, 1, 1, usage(1, 0, 0), lossy, lossy, lossy);

    assertThat(Verdicts.of(List.of(), List.of(load)))
        .extracting(Verdict::grade)
        .containsExactly(Verdict.Grade.MISSED);
  }

  @Test
  void aFrameThatTheDiskWasTooSlowForIsMissingToo() {
    NodeCounters slow = new NodeCounters(1000, 1000, 0, 0, 0, 2, 0);

    assertThat(new Load(Kind.VIDEO, 1, 1, usage(1, 0, 0), CLEAN, slow, slow).missing())
        .isEqualTo(2);
  }

  @Test
  void lossesAreToldByTheMomentTheyHappened() {
    NodeCounters starting = new NodeCounters(100, 98, 2, 0, 0, 0, 0);
    NodeCounters running = new NodeCounters(500, 503, 0, 0, 1, 0, 0);
    NodeCounters whole = new NodeCounters(1000, 995, 5, 0, 1, 0, 0);
    Load load = new Load(Kind.AUDIO, 1, 1, usage(1, 0, 0), starting, running, whole);

    assertThat(load.missingByPhase()).isEqualTo("2 + 1 + 3");
    assertThat(load.missing()).isEqualTo(6);
  }

  @Test
  void memoryIsTheStepFromFiftyToTwoHundred() {
    Load few = new Load(Kind.AUDIO, 50, 1, usage(1, 300L << 20, 0), CLEAN, CLEAN, CLEAN);
    Load many = new Load(Kind.AUDIO, 200, 1, usage(1, 375L << 20, 0), CLEAN, CLEAN, CLEAN);

    assertThat(Verdicts.of(List.of(), List.of(few, many)))
        .filteredOn(verdict -> verdict.what().startsWith("memory"))
        .extracting(Verdict::measured)
        .containsExactly(0.5);
    assertThat(Verdicts.of(List.of(), List.of(many)))
        .noneMatch(verdict -> verdict.what().startsWith("memory"));
  }

  private static List<String> whats(Load load) {
    return Verdicts.of(List.of(), List.of(load)).stream().map(Verdict::what).toList();
  }

  private static Load load(Kind kind, int tracks, double cpuSeconds, double strangers) {
    return new Load(kind, tracks, 3, usage(cpuSeconds, 0, strangers), CLEAN, CLEAN, CLEAN);
  }

  private static Usage usage(double cpuSeconds, long residentBytes, double strangers) {
    return new Usage(30, cpuSeconds, cpuSeconds / 2, residentBytes, 20, strangers);
  }

  private static Quantiles millis(double p50, double p99) {
    return new Quantiles(100, 1, p50, p99, p99, p99);
  }
}
