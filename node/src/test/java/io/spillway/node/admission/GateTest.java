package io.spillway.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission.Limits;
import io.spillway.core.time.SimulatedTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class GateTest {
  private final SimulatedTime time = new SimulatedTime();
  private double machineCores;
  private double processCores;
  private long machineNanos;
  private long processNanos;
  private final MachineMeter meter =
      () -> new MachineMeter.Reading(2, machineNanos, processNanos, 100 << 20);

  @Test
  void aBurstIsHeldBackByItsReservationsUntilTheyAreMeasured() {
    Gate gate = gate(OptionalDouble.of(0.5));

    assertThat(gate.admit("a")).isEmpty();
    assertThat(gate.admit("b")).isEmpty();
    assertThat(gate.admit("c")).isEmpty();
    assertThat(gate.admit("d"))
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("not enough CPU"));

    run(gate, 16); // the machine is measured to be idle all the same: the reservations end
    assertThat(gate.admit("d")).isEmpty();
  }

  @Test
  void whatEndedGivesItsReservationBack() {
    Gate gate = gate(OptionalDouble.of(0.7));
    gate.admit("a");
    gate.admit("b");
    assertThat(gate.admit("c")).isPresent();

    gate.release("a");

    assertThat(gate.admit("c")).isEmpty();
  }

  @Test
  void theCostOfATrackIsLearntFromWhatTracksUse() {
    Gate gate = gate(OptionalDouble.empty());
    for (int i = 0; i < 50; i++) {
      assertThat(gate.admit("track" + i)).isEmpty();
    }
    assertThat(gate.load().reservedCores())
        .isEqualTo(50 * Gate.FIRST_GUESS.cores(), org.assertj.core.data.Offset.offset(1e-9));
    processCores = 0.05; // a thousandth of a core each
    machineCores = 0.1;

    run(gate, 300);
    gate.admit("next");

    assertThat(gate.load().reservedCores()).isBetween(0.0009, 0.0015);
  }

  @Test
  void aBusyMachineTakesNoSecondRecordingButItsFirst() {
    Gate gate = gate(OptionalDouble.empty());
    machineCores = 1.9;
    run(gate, 30);

    assertThat(gate.admit("a")).isEmpty();
    assertThat(gate.admit("b")).isPresent();
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
