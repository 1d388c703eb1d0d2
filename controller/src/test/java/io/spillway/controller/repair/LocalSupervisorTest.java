package io.spillway.controller.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes: a shell stands for a node. */
class LocalSupervisorTest {
  /** Writes its id to its data folder and stays; ends by SIGTERM only when it says so. */
  private static final String NODE = "echo $$ > {data}/pid; while :; do sleep 0.1; done";

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();

  private LocalSupervisor supervisor(String script) {
    return new LocalSupervisor(
        new LocalSupervisor.Settings(List.of("/bin/sh", "-c", script), folder.resolve("nodes")),
        ThisMachine.name(),
        new Random(1));
  }

  private Process run(String script, Path data) throws IOException {
    Files.createDirectories(data);
    Process process =
        new ProcessBuilder("/bin/sh", "-c", script.replace("{data}", data.toString())).start();
    processes.add(process);
    return process;
  }

  private static Lease lease(Process process, Path data) {
    return lease(process.pid(), process.info().startInstant().orElseThrow(), data);
  }

  private static Lease lease(long pid, Instant begun, Path data) {
    return lease(new Place(ThisMachine.name(), pid, begun.toEpochMilli(), "", data.toString()));
  }

  static Lease lease(Place place) {
    return new Lease(
            "NE_1",
            1,
            "",
            "",
            "",
            new Admission.Load(4, 0, 0, 0, 0, 0),
            new Admission.Limits(0.8, 0, 0),
            new Admission.Cost(0.01, 0),
            false,
            Duration.ZERO,
            List.of(),
            0)
        .at(place);
  }

  @AfterEach
  void endAll() throws Exception {
    processes.forEach(Process::destroyForcibly);
    List<Path> pids;
    try (Stream<Path> files = Files.walk(folder)) {
      pids = files.filter(file -> file.endsWith("pid")).toList();
    }
    for (Path pid : pids) {
      // Each is a child of this process, or was one: its id can't be anybody else's by now.
      ProcessHandle.of(pid(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static long pid(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  @Test
  void aReplacementRunsBesideOnADataFolderOfItsOwn() throws Exception {
    Process old = run(NODE, folder.resolve("old"));
    String done = supervisor(NODE).replace(lease(old, folder.resolve("old")));
    assertThat(old.isAlive()).isTrue();
    try (Stream<Path> made = Files.list(folder.resolve("nodes"))) {
      Path data = made.findFirst().orElseThrow();
      assertThat(done).contains(data.toString());
      assertThat(ProcessHandle.of(pid(data.resolve("pid"))).orElseThrow().isAlive()).isTrue();
    }
  }

  @Test
  void aReplacementThatEndsAtOnceIsAFailureThatNamesItsLog() throws Exception {
    Process old = run(NODE, folder.resolve("old"));
    assertThatThrownBy(() ->
            supervisor("echo no such file; exit 3; : {data}")
                .replace(lease(old, folder.resolve("old"))))
        .isInstanceOf(RepairException.class)
        .hasMessageContaining("exit code 3")
        .hasMessageContaining("node.log");
  }

  @Test
  void aDrainedNodeGetsSigtermAndEndsWhenItLikes() throws Exception {
    Path data = folder.resolve("old");
    Process old =
        run(
            "trap 'touch {data}/told' TERM; echo $$ > {data}/pid; while :; do sleep 0.1; done",
            data);
    Awaitility.await().until(() -> Files.exists(data.resolve("pid")));
    String done = supervisor(NODE).drain(lease(old, data));
    Awaitility.await().until(() -> Files.exists(data.resolve("told")));
    assertThat(done).contains("SIGTERM");
    assertThat(old.isAlive()).isTrue();
  }

  @Test
  void aNodeThatHangsIsKilledAndAnotherTakesUpItsFolder() throws Exception {
    Path data = folder.resolve("old");
    Process old = run(NODE, data);
    Awaitility.await().until(() -> Files.exists(data.resolve("pid")));
    assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(old.pid())).start().waitFor())
        .isZero();
    String done = supervisor(NODE).kill(lease(old, data));
    assertThat(old.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(done).contains("process " + old.pid() + " killed").contains(data.toString());
    Awaitility.await().until(() -> pid(data.resolve("pid")) != old.pid());
    assertThat(ProcessHandle.of(pid(data.resolve("pid"))).orElseThrow().isAlive()).isTrue();
  }

  @Test
  void aDeadNodesFolderIsTakenUp() throws Exception {
    Path data = folder.resolve("old");
    Process old = run(NODE, data);
    Instant begun = old.info().startInstant().orElseThrow();
    old.destroyForcibly().waitFor();
    assertThat(supervisor(NODE).kill(lease(old.pid(), begun, data)))
        .startsWith("its process had ended, started process");
    assertThat(Files.exists(data.resolve("pid"))).isTrue();
  }

  /** Process ids are used again: this one is somebody else's by now. */
  @Test
  void aProcessThatBeganAtAnotherTimeIsNotTouched() throws Exception {
    Process foreign = run(NODE, folder.resolve("foreign"));
    Instant earlier = foreign.info().startInstant().orElseThrow().minusSeconds(60);
    Lease lease = lease(foreign.pid(), earlier, folder.resolve("old"));
    assertThat(supervisor(NODE).drain(lease)).isEqualTo("its process has ended");
    assertThat(supervisor(NODE).kill(lease)).startsWith("its process had ended");
    assertThat(foreign.isAlive()).isTrue();
  }

  @Test
  void aNodeOfAnotherMachineIsOutOfReach() {
    Lease far = lease(new Place("elsewhere", ProcessHandle.current().pid(), 0, "", "/data"));
    assertThat(supervisor(NODE).possible(far)).isEmpty();
    assertThatThrownBy(() -> supervisor(NODE).kill(far)).isInstanceOf(RepairException.class);
  }

  @Test
  void whatANodeSaysOfItselfNamesItsProcess() {
    Place here = ThisMachine.here(folder, java.util.Map.of("POD_NAME", "egress-0"));
    assertThat(here.machine()).isEqualTo(ThisMachine.name()).isNotEmpty();
    assertThat(here.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(here.pod()).isEqualTo("egress-0");
    assertThat(supervisor(NODE).possible(lease(here))).hasSize(3);
  }
}
