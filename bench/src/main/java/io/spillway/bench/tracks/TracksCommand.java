package io.spillway.bench.tracks;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.Terminal;
import io.spillway.app.command.UsageException;
import io.spillway.bench.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code spillway bench tracks}. */
@Command(
    name = "tracks",
    description = {
      "Measure Track egresses: how fast they start, what they cost at once.",
      "Brings up a livekit-server, a publisher and 'spillway up', each a process of its own, and",
      "leaves nothing behind. CPU is the whole node's: kernel, garbage collection, compilation.",
      "Exit code 1 if a must was missed on a machine that had nothing else to do."
    },
    footer = {
      "",
      "Examples:",
      "  spillway bench tracks",
      "  spillway bench tracks --audio 1,5 --video 1 --seconds 5 --starts 10,3",
      "  spillway bench tracks --json figures.json"
    })
public final class TracksCommand implements Callable<Integer> {
  private static final int TRACKS_MAX = 1000;
  private static final int WARM_AUDIO = 20;
  private static final int WARM_VIDEO = 5;

  private final Terminal terminal;
  private final Path home;
  private final List<String> arguments;

  @Option(
      names = "--audio",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,50,200",
      description = "Audio tracks at once, 0 for none (default: ${DEFAULT-VALUE}).")
  private List<Integer> audio = List.of();

  @Option(
      names = "--video",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,5,20",
      description = "720p tracks at once, 0 for none (default: ${DEFAULT-VALUE}).")
  private List<Integer> video = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long each is measured (default: ${DEFAULT-VALUE}).")
  private int seconds = 30;

  @Option(
      names = "--starts",
      split = ",",
      paramLabel = "N",
      defaultValue = "100,30",
      description = "Starts one at a time, audio and 720p (default: ${DEFAULT-VALUE}).")
  private List<Integer> starts = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there too.")
  private Optional<Path> json = Optional.empty();

  /**
   * For this terminal.
   *
   * @param home where the start script lies
   * @param arguments of the command line, for the report
   */
  public TracksCommand(Terminal terminal, Path home, List<String> arguments) {
    this.terminal = terminal;
    this.home = home;
    this.arguments = List.copyOf(arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    requireCounts("--audio", audio);
    requireCounts("--video", video);
    requireCounts("--starts", starts);
    if (starts.size() != 2 || seconds < 1 || seconds > 3600) {
      throw new UsageException("--starts takes two numbers, --seconds 1 to 3600");
    }
    return Stage.with(terminal, home, new SecureRandom(), this::measureOn);
  }

  private int measureOn(Stage stage) throws IOException, InterruptedException {
    Report report = measure(stage.open());
    report.lines().forEach(terminal::say);
    write(report);
    return report.anyMissed() ? ExitCode.FAILED : ExitCode.OK;
  }

  private static void requireCounts(String option, List<Integer> counts) {
    for (int count : counts) {
      if (count < 0 || count > TRACKS_MAX) {
        throw new UsageException(option + ": expected 0 to " + TRACKS_MAX + ", found " + count);
      }
    }
  }

  private Report measure(Stage.Parts stage) throws IOException, InterruptedException {
    Recordings recordings = new Recordings(terminal, stage);
    terminal.say("warming the node up ...");
    starts(recordings, Kind.AUDIO, WARM_AUDIO);
    starts(recordings, Kind.VIDEO, WARM_VIDEO);
    List<Starts> measured = new ArrayList<>();
    measured.addAll(starts(recordings, Kind.AUDIO, starts.getFirst()));
    measured.addAll(starts(recordings, Kind.VIDEO, starts.getLast()));
    List<Load> loads = new ArrayList<>();
    loads.addAll(loads(recordings, Kind.AUDIO, audio));
    loads.addAll(loads(recordings, Kind.VIDEO, video));
    Surroundings here = Surroundings.of(terminal, Stage.serverProgram(terminal), arguments);
    return Report.of(here, measured, loads);
  }

  private List<Starts> starts(Recordings recordings, Kind kind, int count)
      throws InterruptedException {
    if (count == 0) {
      return List.of();
    }
    terminal.say(count + " " + kind.label() + " starts, one at a time ...");
    return List.of(Starts.measure(terminal, recordings, kind, count));
  }

  // Ascending: what a further track costs in memory is the step from the smaller load.
  private List<Load> loads(Recordings recordings, Kind kind, List<Integer> counts)
      throws IOException, InterruptedException {
    LoadRun run = new LoadRun(terminal, recordings, Duration.ofSeconds(seconds));
    List<Load> out = new ArrayList<>();
    for (int tracks : counts.stream().filter(count -> count > 0).distinct().sorted().toList()) {
      terminal.say(tracks + " " + kind.label() + " at once, " + seconds + " s ...");
      out.add(run.measure(kind, tracks));
    }
    return out;
  }

  private void write(Report report) throws IOException {
    if (json.isPresent()) {
      JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
      Files.writeString(json.get(), mapper.writeValueAsString(report) + "\n");
    }
  }
}
