package io.spillway.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission.Limits;
import io.spillway.core.time.SimulatedTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GateTest {
  private final SimulatedTime time = new SimulatedTime();
  private double machineCores;
  private double processCores;
  private long machineNanos;
  private long processNanos;
  private long processBytes = 100 << 20;
  private final MachineMeter meter =
      () -> new MachineMeter.Reading(2, machineNanos, processNanos, processBytes);

  @Test
  void aBurstIsHeldBackByItsReservationsUntilTheyAreMeasured() {
    Gate gate = gate(OptionalDouble.of(0.5));

    assertThat(gate.admit("a", Kind.AUDIO)).isEmpty();
    assertThat(gate.admit("b", Kind.AUDIO)).isEmpty();
    assertThat(gate.admit("c", Kind.AUDIO)).isEmpty();
    assertThat(gate.admit("d", Kind.AUDIO))
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("not enough CPU"));

    run(gate, 16); // the machine is measured to be idle all the same: the reservations end
    assertThat(gate.admit("d", Kind.AUDIO)).isEmpty();
  }

  @Test
  void whatEndedGivesItsReservationBack() {
    Gate gate = gate(OptionalDouble.of(0.7));
    gate.admit("a", Kind.AUDIO);
    gate.admit("b", Kind.AUDIO);
    assertThat(gate.admit("c", Kind.AUDIO)).isPresent();

    gate.release("a");

    assertThat(gate.admit("c", Kind.AUDIO)).isEmpty();
  }

  @Test
  void theCostOfATrackIsLearntFromWhatTracksUse() {
    Gate gate = gate(OptionalDouble.empty());
    for (int i = 0; i < 50; i++) {
      assertThat(gate.admit("track" + i, Kind.AUDIO)).isEmpty();
    }
    assertThat(gate.load().reservedCores())
        .isCloseTo(50 * Kind.AUDIO.firstGuess().cores(), Offset.offset(1e-9));
    processCores = 0.25; // five thousandths of a core each
    processBytes += 50 * (4L << 20);
    machineCores = 0.3;

    run(gate, 600);

    assertThat(gate.expectedCost(Kind.AUDIO).cores()).isBetween(0.0035, 0.005);
    assertThat(gate.expectedCost(Kind.AUDIO).memoryBytes()).isBetween(3L << 20, 5L << 20);
    assertThat(gate.expectedCost(Kind.VIDEO)).isEqualTo(Kind.VIDEO.firstGuess());
  }

  @Test
  void kindsAreLearntApart() {
    Gate gate = gate(OptionalDouble.empty());
    for (int i = 0; i < 200; i++) {
      gate.admit("audio" + i, Kind.AUDIO);
      gate.admit("video" + i, Kind.VIDEO);
    }
    processCores = 200 * 0.0005 + 200 * 0.002; // half of what was guessed of either
    run(gate, 600);

    assertThat(gate.expectedCost(Kind.AUDIO).cores()).isBetween(0.0004, 0.0006);
    assertThat(gate.expectedCost(Kind.VIDEO).cores()).isBetween(0.0018, 0.0024);
  }

  @Test
  void whatTheProcessUsesWithNobodyToRecordIsNoTracksCost() {
    Gate gate = gate(OptionalDouble.empty());
    processCores = 0.2;
    run(gate, 600);
    gate.admit("a", Kind.AUDIO);
    run(gate, 600);

    assertThat(gate.expectedCost(Kind.AUDIO).cores()).isCloseTo(0.001, Offset.offset(1e-4));
  }

  /** As measured: with one track a young JVM uses 0.02 cores, of which the track is a thirtieth. */
  @Test
  void twoHundredStartBesideOneTrackOfAYoungProcess() {
    Gate gate = gate(OptionalDouble.empty());
    gate.admit("first", Kind.AUDIO);
    processCores = 0.02;
    machineCores = 0.3;
    run(gate, 300);

    for (int i = 0; i < 200; i++) {
      assertThat(gate.admit("track" + i, Kind.AUDIO)).as("start %d", i).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"TR_AMxyz,AUDIO", "TR_VCxyz,VIDEO", "TR_xyz,VIDEO", "'',VIDEO"})
  void aTracksSidTellsItsKind(String sid, Kind kind) {
    assertThat(Kind.ofTrack(sid)).isEqualTo(kind);
  }

  @Test
  void aBusyNodeTakesNoSecondRecordingButItsFirst() {
    Gate gate = gate(OptionalDouble.empty());
    processCores = 1.9;
    machineCores = 1.9;
    run(gate, 30);

    assertThat(gate.admit("a", Kind.AUDIO)).isEmpty();
    assertThat(gate.admit("b", Kind.AUDIO)).isPresent();
  }

  @Test
  void neighboursOnTheMachineCostNoStartButAreSeen() {
    Gate gate = gate(OptionalDouble.empty());
    machineCores = 1.9;
    run(gate, 30);

    assertThat(gate.admit("a", Kind.AUDIO)).isEmpty();
    assertThat(gate.admit("b", Kind.AUDIO)).isEmpty();
    assertThat(gate.machineLoad()).isCloseTo(0.95, Offset.offset(0.01));
    assertThat(gate.load().busyCores()).isZero();
  }

  /** Bids are made on the bus's reader: what the kernel does must not hold it up. */
  @Test
  void aMeterThatHangsHoldsUpNoBid() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch heals = new CountDownLatch(1);
    AtomicBoolean sound = new AtomicBoolean(true);
    Gate gate =
        new Gate(
            time,
            () -> {
              if (!sound.get()) {
                hangs.countDown();
                awaitQuietly(heals);
              }
              return new MachineMeter.Reading(2, 0, 0, 0);
            },
            new CostSettings(new Limits(0.8, 0, 0), OptionalDouble.empty(), 0));
    sound.set(false);
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      Future<?> sampling = threads.submit(gate::sample);
      try {
        hangs.await();
        Future<?> bid =
            threads.submit(() -> {
              gate.sample(); // the next second's
              assertThat(gate.refusal(Kind.AUDIO)).isEmpty();
              assertThat(gate.admit("a", Kind.AUDIO)).isEmpty();
              return gate.machineLoad() + gate.load().busyCores();
            });
        bid.get(20, TimeUnit.SECONDS);
        assertThat(sampling.isDone()).isFalse();
      } finally {
        heals.countDown();
      }
      sampling.get(20, TimeUnit.SECONDS);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void linuxTellsItsLoad() {
    MachineMeter.Reading reading =
        new ProcMeter(Path.of("/proc"), Path.of("/sys/fs/cgroup")).read();

    assertThat(reading.cores()).isPositive();
    assertThat(reading.machineBusyNanos()).isPositive();
    assertThat(reading.processCpuNanos())
        .isPositive()
        .isLessThanOrEqualTo(reading.machineBusyNanos());
    assertThat(reading.processMemoryBytes()).isGreaterThan(1 << 20);
  }

  private Gate gate(OptionalDouble cost) {
    return new Gate(time, meter, new CostSettings(new Limits(0.8, 0, 0), cost, 0));
  }

  private void run(Gate gate, int seconds) {
    for (int i = 0; i < seconds; i++) {
      time.advance(Duration.ofSeconds(1));
      machineNanos += (long) (machineCores * 1e9);
      processNanos += (long) (processCores * 1e9);
      gate.sample();
    }
  }
}
