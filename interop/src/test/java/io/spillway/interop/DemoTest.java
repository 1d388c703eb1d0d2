package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.SpillwayCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command, as a user runs it. */
class DemoTest {
  private static final Duration WAIT = Duration.ofMinutes(3);

  @TempDir static Path folder;

  @Test
  void theDemoRecordsBothTracksAndEndsWell() throws Exception {
    Path out = folder.resolve("out");
    try (SpillwayCommand demo =
        SpillwayCommand.start(
            "demo", folder, Map.of(), "demo", "--seconds", "3", "--out", out.toString())) {
      // while both run: status, seconds and bytes of each
      demo.awaitLine("active  0:01", WAIT);
      assertThat(demo.said().lines().toList().getLast())
          .containsPattern("vp8  active  0:0\\d\\.\\d  [1-9][0-9.]* [kM]?B")
          .containsPattern("opus  active  0:0\\d\\.\\d  [1-9][0-9.]* [kM]?B");
      demo.awaitLine("CHECK", WAIT);
      demo.awaitLine("plays from end to end", WAIT);
      demo.awaitLine("plays from end to end", WAIT);
      assertThat(demo.awaitLine("dashboard and API", WAIT))
          .containsPattern("^dashboard and API: http://\\S+:\\d+ ");
      assertThat(demo.exitCode(WAIT)).as(demo.said()).isZero();
    }
    assertThat(names(out))
        .anyMatch(name -> name.endsWith(".ogg"))
        .anyMatch(name -> name.endsWith(".webm"));
  }

  @Test
  void theDemoStaysWhenAskedToAndTellsHowToGoOn() throws Exception {
    Path out = folder.resolve("kept");
    try (SpillwayCommand demo =
        SpillwayCommand.start(
            "kept",
            folder,
            Map.of(),
            "demo",
            "--keep",
            "--seconds",
            "1",
            "--out",
            out.toString())) {
      demo.awaitLine("It goes on until Ctrl-C", WAIT);
      demo.awaitLine("spillway start track", WAIT);
      Map<String, String> exported = exported(demo.said());
      String track = demo.said().replaceAll("(?s).*--room demo (TR_\\w+).*", "$1");

      Path file = folder.resolve("more.webm");
      var started =
          SpillwayCommand.run(
              folder, exported, "start", "track", "--room", "demo", track, "--file", "more");
      assertThat(started.code()).as("%s", started).isZero();
      String id = started.out().replaceAll("\\s.*", "");
      Awaitility.await("it is recorded")
          .atMost(WAIT)
          .until(() -> Files.exists(file) || Files.exists(folder.resolve("more.ogg")));
      assertThat(SpillwayCommand.run(folder, exported, "stop", id, "--wait").code()).isZero();
      assertThat(demo.isAlive()).isTrue();

      assertThat(demo.terminate(Duration.ofSeconds(30))).as(demo.said()).isEqualTo(143);
    }
  }

  /** What a person would copy from its last lines: {@code export NAME=value NAME=value}. */
  private static Map<String, String> exported(String said) {
    return said.lines()
        .filter(line -> line.strip().startsWith("export "))
        .flatMap(line -> Stream.of(line.strip().split(" ", -1)).skip(1))
        .collect(
            Collectors.toMap(
                pair -> pair.substring(0, pair.indexOf('=')),
                pair -> pair.substring(pair.indexOf('=') + 1)));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(Path::toString).toList();
    }
  }
}
