package io.spillway.bench.storm;

import io.spillway.app.command.ExitCode;
import io.spillway.app.command.Terminal;
import io.spillway.bench.rpc.GoPeer;
import io.spillway.bench.stage.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spillway bench rpc-storm}. */
@Command(
    name = "rpc-storm",
    description = {
      "Put RPC clients, ours and LiveKit's own in Go, through the same storm: each answer four",
      "times, answers too late, to unknown ids and to clients that are gone, a thousand claims for",
      "one request, broken envelopes, messages of 16 MiB; then also Redis cut, paused, restarted.",
      "Ours comes twice: as programs use it, and without its retry layer. Exit code 1 if a call of",
      "ours failed that was answered in time (over a connection that lived), if too few were to",
      "tell, or if one of 64 calls begun a second after the last trouble fails or takes more than",
      "a second; without retries only the calls after the troubles are judged: before, a client that",
      "begins anew after five calls without an answer cuts those under way."
    },
    footer = {
      "",
      "Examples:",
      "  spillway bench rpc-storm",
      "  spillway bench rpc-storm --go 0.7.1"
    })
public final class StormCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Path home;

  @Option(
      names = "--go",
      split = ",",
      paramLabel = "VERSION",
      defaultValue = "0.7.0,0.7.3",
      description = "Versions of Go psrpc beside ours (default: ${DEFAULT-VALUE}).")
  private List<String> versions = List.of();

  /**
   * For this terminal.
   *
   * @param home where the start script lies
   */
  public StormCommand(Terminal terminal, Path home) {
    this.terminal = terminal;
    this.home = home;
  }

  @Override
  public Integer call() throws InterruptedException {
    return Scratch.with(this::measure);
  }

  private int measure(Path folder) throws IOException, InterruptedException {
    Storm storm = new Storm(terminal, folder);
    terminal.say("ours in the storm (half a minute) ...");
    Storm.Outcome ours = storm.meet(redis -> OurClient.withRetries(redis, terminal.time()));
    terminal.say("ours without its retry layer in the storm (half a minute) ...");
    Storm.Outcome bare = storm.meet(redis -> OurClient.bare(redis, terminal.time()));
    List<Storm.Outcome> all = new ArrayList<>(List.of(ours, bare));
    for (String version : versions) {
      terminal.say("Go psrpc " + version + " in the storm (up to four minutes) ...");
      Path program = GoPeer.build(home, version);
      Path log = folder.resolve("peers.log");
      all.add(storm.meet(redis -> new GoClient(version, program, redis, log)));
    }
    terminal.say("");
    terminal.say(
        "Calls that succeeded, of those that the peer answered in time; in trouble: of those");
    terminal.say("whose answer Redis gave to the client over a connection that lived.");
    terminal.say("");
    terminal.say(
        "                    in the storm   and Redis in trouble   after it   longest   after it");
    all.forEach(outcome -> terminal.say(row(outcome)));
    return ours.heldThroughout() && bare.cleanAfterwards() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String row(Storm.Outcome outcome) {
    long longest =
        Math.max(
            outcome.calm().map(StormClient.Result::longestMillis).orElse(0L),
            outcome.troubled().map(StormClient.Result::longestMillis).orElse(0L));
    return "%-16s %15s %22s %10s %6d ms %7d ms"
        .formatted(
            outcome.label(),
            share(outcome.calm(), Storm.CALM),
            troubledShare(outcome),
            share(outcome.clean(), Storm.CLEAN),
            longest,
            outcome.clean().map(StormClient.Result::longestMillis).orElse(0L));
  }

  private static String share(Optional<StormClient.Result> result, StormClient.Load load) {
    return result.map(r -> r.ok() + " of " + load.answeredInTime()).orElse("hangs");
  }

  private static String troubledShare(Storm.Outcome outcome) {
    int answered = outcome.answeredInTime().size();
    return outcome
        .troubled()
        .map(r -> answered - outcome.failedThoughAnswered().size() + " of " + answered)
        .orElse("hangs");
  }
}
