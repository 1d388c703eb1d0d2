package io.spillway.controller.repair;

import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.Place;
import io.spillway.core.fleet.RepairLadder.Step;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Nodes as processes of this machine. Starts them by a command line, each with a data folder of its
 * own, and outlived by them: a controller that goes leaves its nodes alone. Ends only processes
 * that a node's lease names as its own, on this machine and begun when the lease says: a process id
 * alone may belong to somebody else by now.
 */
public final class LocalSupervisor implements Supervisor {
  /** In the command line: where the node keeps its data. */
  public static final String DATA = "{data}";

  /** A node that is configured wrongly ends within this. */
  private static final Duration SETTLE = Duration.ofSeconds(3);

  private static final Duration DEATH = Duration.ofSeconds(10);

  /** Both moments come from the same kernel; the JDK derives them anew in each process. */
  private static final long SAME_BEGIN_MILLIS = 2000;

  /** Away from our terminal: its Ctrl-C would reach the nodes too. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final Settings settings;
  private final String machine;
  private final RandomGenerator random;

  /**
   * How nodes are started.
   *
   * @param command with {@link #DATA} somewhere in it
   * @param folders in which each replacement gets its data folder
   */
  public record Settings(List<String> command, Path folders) {
    /** Copies the command. */
    public Settings {
      command = List.copyOf(command);
      if (command.stream().noneMatch(word -> word.contains(DATA))) {
        throw new IllegalArgumentException(
            "the command line of nodes must name the data folder as " + DATA);
      }
    }
  }

  /**
   * Starts nothing by itself.
   *
   * @param machine see {@link ThisMachine#name}
   * @param random for the names of data folders
   */
  public LocalSupervisor(Settings settings, String machine, RandomGenerator random) {
    this.settings = settings;
    this.machine = machine;
    this.random = random;
  }

  @Override
  public String reach() {
    return machine.isEmpty() ? "" : "local/" + machine;
  }

  @Override
  public Set<Step> possible(Lease node) {
    Place place = node.place();
    boolean here = !machine.isEmpty() && machine.equals(place.machine()) && place.pid() > 0;
    return here ? Set.of(Step.REPLACE, Step.DRAIN, Step.KILL) : Set.of();
  }

  @Override
  public String replace(Lease node) throws InterruptedException {
    String name = "node-%08x".formatted(random.nextInt());
    return "started " + start(settings.folders().resolve(name));
  }

  @Override
  public String drain(Lease node) {
    Optional<ProcessHandle> process = process(node.place());
    if (process.isEmpty()) {
      return "its process has ended";
    }
    if (!process.get().destroy()) {
      throw new RepairException("SIGTERM could not be sent to process " + process.get().pid());
    }
    return "SIGTERM sent to process " + process.get().pid();
  }

  @Override
  public String kill(Lease node) throws InterruptedException {
    Optional<ProcessHandle> process = process(node.place());
    String how = "its process had ended";
    if (process.isPresent()) {
      end(process.get());
      how = "process " + process.get().pid() + " killed";
    }
    return node.place().data().isEmpty()
        ? how
        : how + ", started " + start(Path.of(node.place().data())) + " to take up its spool";
  }

  private static void end(ProcessHandle process) throws InterruptedException {
    boolean sent = process.destroyForcibly();
    try {
      var _ = process.onExit().get(DEATH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException lives) {
      if (!isUnreaped(process.pid())) {
        throw new RepairException(
            "process %d still runs %d s after SIGKILL (sent: %s), its spool is left alone"
                .formatted(process.pid(), DEATH.toSeconds(), sent),
            lives);
      }
    } catch (ExecutionException unwatched) {
      throw new RepairException("process " + process.pid() + " can't be watched", unwatched);
    }
  }

  /** Dead, but its parent hasn't asked for its exit code: it holds no file any more. */
  private static boolean isUnreaped(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException gone) {
      return true;
    }
  }

  /** The process that the lease speaks of, if it still runs. */
  private Optional<ProcessHandle> process(Place place) {
    if (!machine.equals(place.machine()) || place.pid() <= 0) {
      throw new RepairException("the node's process is not on this machine");
    }
    return ProcessHandle.of(place.pid())
        .filter(ProcessHandle::isAlive)
        .filter(process ->
            process
                .info()
                .startInstant()
                .map(begun ->
                    Math.abs(begun.toEpochMilli() - place.begunUnixMillis()) < SAME_BEGIN_MILLIS)
                .orElse(false));
  }

  private String start(Path data) throws InterruptedException {
    List<String> words = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      words.add(SETSID.toString());
    }
    settings.command().forEach(word -> words.add(word.replace(DATA, data.toString())));
    try {
      Files.createDirectories(data);
      File log = data.resolve("node.log").toFile();
      Process process =
          new ProcessBuilder(words)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
              .start();
      if (process.waitFor(SETTLE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new RepairException(
            "a node was started on %s and ended at once with exit code %d: see %s"
                .formatted(data, process.exitValue(), log));
      }
      return "process " + process.pid() + " on " + data;
    } catch (IOException failed) {
      throw new RepairException(
          "a node could not be started on " + data + ": " + failed.getMessage(), failed);
    }
  }

  /** Leaves every node as it is. */
  @Override
  public void close() {}
}
