package io.spillway.media.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FfmpegProgramsTest {
  @TempDir Path folder;

  @Test
  void theProgramsAreUnpackedOnceAndRun() throws IOException {
    FfmpegPrograms programs = FfmpegPrograms.unpack(folder);
    FileTime made = Files.getLastModifiedTime(programs.ffmpeg());
    ProgramRun run = programs.run(List.of("-version"), Duration.ofSeconds(20));
    assertThat(run.exitCode()).isZero();
    assertThat(run.output()).contains("ffmpeg version 8.0.1");
    assertThat(programs.probe(List.of("-version"), Duration.ofSeconds(20)).exitCode()).isZero();
    FfmpegPrograms again = FfmpegPrograms.unpack(folder);
    assertThat(again.ffmpeg()).isEqualTo(programs.ffmpeg());
    assertThat(Files.getLastModifiedTime(again.ffmpeg())).isEqualTo(made);
    assertThat(folder.toFile().list()).hasSize(1);
    assertThat(programs.ffmpeg().resolveSibling("libavcodec.so.62")).isRegularFile();
    assertThat(programs.ffmpeg().resolveSibling("libjniavcodec.so")).doesNotExist();
  }

  @Test
  void aProgramThatDoesNotEndIsKilledAtItsDeadline() throws IOException {
    FfmpegPrograms programs = FfmpegPrograms.unpack(Path.of("target", "ffmpeg"));
    List<String> endless = List.of("-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-");
    assertThatThrownBy(() -> programs.run(endless, Duration.ofMillis(500)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("didn't end within");
  }

  @Test
  void aFileThatIsNoMediaIsRefusedWithTheReason() throws IOException {
    FfmpegPrograms programs = FfmpegPrograms.unpack(Path.of("target", "ffmpeg"));
    Path text = Files.writeString(folder.resolve("text.mp4"), "not a picture");
    assertThatThrownBy(() -> MediaProbe.of(programs, text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("text.mp4");
    assertThat(MediaProbe.decodeErrors(programs, text)).isNotEmpty();
  }
}
