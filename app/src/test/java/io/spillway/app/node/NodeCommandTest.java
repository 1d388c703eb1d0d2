package io.spillway.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.command.Commands;
import io.spillway.app.command.ExitCode;
import io.spillway.app.command.Terminal;
import io.spillway.core.time.SimulatedTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Map<String, String> environment, String... arguments) {
    Terminal terminal =
        new Terminal(
            new PrintWriter(out),
            new PrintWriter(err),
            environment,
            new SimulatedTime(),
            ZoneOffset.UTC,
            false);
    return Commands.line(terminal, List.of(new NodeCommand(terminal, UnaryOperator.identity())))
        .execute(arguments);
  }

  @Test
  void theHelpTeaches() {
    assertThat(run(Map.of(), "node", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains(
            "livekit/egress",
            "SIGTERM",
            "--redis",
            "--health-port",
            "EGRESS_CONFIG_BODY",
            "ws_url");
  }

  @Test
  void withoutRedisItSaysWhichKeyIsMissing() {
    assertThat(run(Map.of(), "node")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no Redis: set redis.address (or --redis)");
  }

  @Test
  void withoutServerOrKeyItSaysWhereToPutThem() {
    assertThat(run(Map.of(), "node", "--redis", "r:1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no LiveKit server: set ws_url");
    Map<String, String> url = Map.of("LIVEKIT_WS_URL", "ws://x:1");
    assertThat(run(url, "node", "--redis", "r:1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no API key: set api_key and api_secret");
  }

  @Test
  void theBodyBeatsTheFileOfTheVariablesAndTheFlagBeatsBoth(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("egress.yaml"), "health_port: file\n");
    Path flag = Files.writeString(folder.resolve("flag.yaml"), "health_port: flag\n");
    Map<String, String> both =
        Map.of(
            "EGRESS_CONFIG_FILE",
            file.toString(),
            "EGRESS_CONFIG_BODY",
            "redis: {address: wrong}\n");
    run(both, "node");
    assertThat(err.toString()).contains("EGRESS_CONFIG_BODY:1", "redis.address");
    run(both, "node", "--redis", "r:1", "--config", flag.toString());
    assertThat(err.toString()).contains("flag.yaml:1: health_port");
    run(Map.of("EGRESS_CONFIG_FILE", file.toString()), "node", "--redis", "r:1");
    assertThat(err.toString()).contains("egress.yaml:1: health_port");
  }
}
