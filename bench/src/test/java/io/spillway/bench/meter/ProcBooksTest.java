package io.spillway.bench.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcBooksTest {
  private static final String STATUS =
      """
      Name:	java
      VmPeak:	 9000000 kB
      VmRSS:	  204800 kB
      Threads:	21
      """;

  @Test
  void cpuTimesAreReadBehindANameWithBlanksAndBrackets() {
    String stat = "4711 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 21 0 100";

    ProcessUsage usage = ProcessUsage.parse(stat, STATUS);

    assertThat(usage.userNanos()).isEqualTo(1_500_000_000L);
    assertThat(usage.kernelNanos()).isEqualTo(500_000_000L);
    assertThat(usage.cpuNanos()).isEqualTo(2_000_000_000L);
    assertThat(usage.residentBytes()).isEqualTo(200L << 20);
    assertThat(usage.threads()).isEqualTo(21);
  }

  @Test
  void theMachinesBusyTimeLeavesOutIdlenessAndInterrupts() {
    // user nice system idle iowait irq softirq steal guest guest_nice
    String stat =
        """
        cpu  100 20 30 9999 888 77 66 5 0 0
        cpu0 50 10 15 5000 444 38 33 2 0 0
        cpu1 50 10 15 4999 444 39 33 3 0 0
        intr 12345
        """;

    MachineUsage usage = MachineUsage.parse(stat);

    assertThat(usage.busyNanos()).isEqualTo(155 * ProcessUsage.NANOS_PER_TICK);
    assertThat(usage.cores()).isEqualTo(2);
  }

  @Test
  void aFileThatIsNotStatIsRefused() {
    assertThatThrownBy(() -> MachineUsage.parse("intr 5"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("intr 5");
  }

  @Test
  void thisProcessCanBeRead() throws IOException {
    ProcessUsage own = ProcessUsage.of(Path.of("/proc"), ProcessHandle.current().pid());

    assertThat(own.cpuNanos()).isPositive();
    assertThat(own.residentBytes()).isGreaterThan(10L << 20);
    assertThat(own.threads()).isGreaterThan(5);
  }

  @Test
  void whatStrangersUsedIsTheMachineWithoutUs() {
    long second = 1_000_000_000L;
    Meter.Reading before = reading(0, new ProcessUsage(second, 0, 0, 1), second, 5 * second);
    // in 10 s: node 2 s, companions 3 s, the machine 9 s of its 20
    Meter.Reading after =
        reading(10 * second, new ProcessUsage(2 * second, second, 100, 7), 4 * second, 14 * second);

    Usage usage = Usage.between(before, after);

    assertThat(usage.cpuSeconds()).isEqualTo(2);
    assertThat(usage.kernelShare()).isEqualTo(0.5);
    assertThat(usage.strangersShare()).isCloseTo(4 / 20.0, within(1e-9));
    assertThat(usage.machineBusy()).isTrue();
    assertThat(usage.residentBytes()).isEqualTo(100);
    assertThat(usage.threads()).isEqualTo(7);
    assertThat(usage.cpuSecondsPerTrackMinute(6)).isCloseTo(2.0, within(1e-9)); // one track minute
  }

  @Test
  void clockTicksThatWereCountedLateAreNobodysLoad() {
    ProcessUsage node = new ProcessUsage(20_000_000, 0, 0, 1);
    Meter.Reading before = reading(0, new ProcessUsage(0, 0, 0, 1), 0, 0);

    Usage usage = Usage.between(before, reading(1_000_000_000L, node, 0, 10_000_000));

    assertThat(usage.strangersShare()).isZero();
    assertThat(usage.machineBusy()).isFalse();
  }

  private static Meter.Reading reading(
      long atNanos, ProcessUsage node, long companions, long machine) {
    return new Meter.Reading(atNanos, node, companions, new MachineUsage(machine, 2));
  }
}
