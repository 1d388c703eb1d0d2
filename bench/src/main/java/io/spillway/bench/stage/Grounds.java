package io.spillway.bench.stage;

import io.spillway.app.client.EgressClient;
import io.spillway.app.command.Terminal;
import io.spillway.app.demo.LocalLiveKit;
import io.spillway.app.process.Opened;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What our own processes on a stage have in common: a livekit-server, its key, a folder. */
record Grounds(
    Terminal terminal,
    Opened opened,
    Path folder,
    ApiKey key,
    Program program,
    LocalLiveKit server) {
  /** A small machine with everything else beside it must not refuse the load. */
  static final String ANY_LOAD = "cpu_cost: {max_cpu_utilization: 1}\n";

  private static final Duration TOKEN_VALID = Duration.ofHours(24);

  /** Starts our program, told of the server; it is closed with the stage. */
  Child start(String name, List<String> arguments) throws IOException {
    Map<String, String> environment =
        Map.of(
            "LIVEKIT_URL", server.url(),
            "LIVEKIT_API_KEY", key.key(),
            "LIVEKIT_API_SECRET", key.secret());
    return opened.open(Child.start(name, folder, environment, program.command(arguments)));
  }

  /** The same with a configuration file and a data folder of its own. */
  Child start(String name, List<String> command, String yaml, List<String> more)
      throws IOException {
    List<String> arguments = new ArrayList<>(command);
    arguments.addAll(List.of("--config", config(name, yaml).toString()));
    arguments.addAll(List.of("--data", data(name).toString()));
    arguments.addAll(more);
    return start(name, arguments);
  }

  private Path config(String name, String yaml) throws IOException {
    return Files.writeString(folder.resolve(name + ".yaml"), yaml);
  }

  /** Where a process of this name keeps what must survive it. */
  Path data(String name) {
    return folder.resolve(name + "-data");
  }

  /** Publishes these files all the time, a track each. */
  Child publisher(Path... clips) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("publish", "--room", Stage.ROOM));
    for (Path clip : clips) {
      arguments.add(clip.toString());
    }
    return start("publisher", arguments);
  }

  /** Where recordings may be put. */
  Path recordings() throws IOException {
    return Files.createDirectories(folder.resolve("recordings"));
  }

  /** A client of the API at this address, without a slash at its end. */
  EgressClient client(String address) {
    TokenSigner signer = new TokenSigner(key, terminal.time());
    return opened.open(
        new EgressClient(URI.create(address + "/"), () -> signer.recordRooms(TOKEN_VALID)));
  }
}
