package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command, as a user runs it. */
class DemoTest {
  private static final long WAIT_SECONDS = 180;

  @TempDir Path folder;

  @Test
  void theDemoRecordsBothTracksAndEndsWell() throws Exception {
    Path said = folder.resolve("said.log");
    Path out = folder.resolve("out");
    Process demo =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.spillway.app.Main",
                "demo",
                "--seconds",
                "3",
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(demo.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      demo.destroyForcibly();
    }

    assertThat(demo.exitValue()).as(Files.readString(said)).isZero();
    assertThat(Files.readString(said)).contains("plays from end to end");
    assertThat(names(out))
        .anyMatch(name -> name.endsWith(".ogg"))
        .anyMatch(name -> name.endsWith(".webm"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(Path::toString).toList();
    }
  }
}
