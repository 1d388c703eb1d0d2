package io.spillway.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.command.Commands;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.Terminal;
import io.spillway.core.time.SystemTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllerCommandTest {
  private static final Map<String, String> KEYS =
      Map.of("LIVEKIT_API_KEY", "key", "LIVEKIT_API_SECRET", "a secret that is long enough");

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Map<String, String> environment, String... arguments) {
    try (SystemTime time = new SystemTime()) {
      Terminal terminal =
          new Terminal(
              new PrintWriter(out), new PrintWriter(err), environment, time, ZoneOffset.UTC, false);
      return Commands.line(terminal, List.of(new ControllerCommand(terminal))).execute(arguments);
    }
  }

  @Test
  void theHelpTeaches() {
    assertThat(run(Map.of(), "controller", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains(
            "controller_urls",
            "database_url",
            "secrets_key",
            "openssl rand",
            "--redis",
            "--region",
            "on_node_loss",
            "SIGTERM");
  }

  @Test
  void whatIsMissingIsSaidWithWhereToPutIt() {
    assertThat(run(Map.of(), "controller")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no Redis: set redis.address (or --redis) to the Redis");
    assertThat(run(KEYS, "controller", "--redis", "r:1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no LiveKit server");
  }

  @Test
  void aDatabaseThatIsNotThereIsNamedWithoutItsPassword() {
    Map<String, String> environment =
        Map.of(
            "LIVEKIT_API_KEY", "key",
            "LIVEKIT_API_SECRET", "a secret that is long enough",
            "LIVEKIT_URL", "ws://127.0.0.1:1",
            "SPILLWAY_DATABASE_URL", "postgres://u:hidden@127.0.0.1:1/none",
            "SPILLWAY_SECRETS_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    int code =
        run(environment, "controller", "--redis", "127.0.0.1:1", "--data", folder.toString());
    assertThat(code).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString())
        .contains("could not start: could not open the store", "127.0.0.1:1/none")
        .doesNotContain("hidden");
  }
}
