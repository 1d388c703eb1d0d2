package io.spillway.app.demo;

import io.spillway.app.clip.Clip;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.media.ffmpeg.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the demo publishes: a moving picture with a clock, and sound that is shaped like speech. */
record DemoMedia(Clip picture, Clip sound) {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int SECONDS = 12;

  /**
   * A voice's buzz (a 120 Hz sawtooth that rises and falls) through three resonances of a vowel,
   * opened and closed four times a second as syllables are, with a pause now and then.
   */
  private static final String VOICE =
      "aevalsrc='0.5*(2*mod(t*(118+14*sin(1.7*t)),1)-1)':s=48000:d="
          + SECONDS
          + ",asplit=3[a][b][c];[a]bandpass=f=650:w=120[fa];[b]bandpass=f=1150:w=160,volume=0.7[fb];"
          + "[c]bandpass=f=2600:w=250,volume=0.4[fc];[fa][fb][fc]amix=inputs=3:normalize=0,"
          + "volume='3*pow(abs(sin(2*PI*2*t)),0.6)*gt(mod(t,3),0.5)':eval=frame";

  private static final String PICTURE =
      "testsrc2=size=1280x720:rate=30:duration=" + SECONDS + ",format=yuv420p";

  /** Makes both in some seconds, or takes what an earlier demo left in {@code folder}. */
  static DemoMedia make(FfmpegPrograms programs, Path folder) throws IOException {
    Files.createDirectories(folder);
    Path picture = folder.resolve("picture-720p.ivf");
    Path sound = folder.resolve("sound.ogg");
    if (!Files.exists(picture)) {
      encode(
          programs,
          PICTURE,
          List.of(
              "-c:v",
              "libvpx",
              "-deadline",
              "realtime",
              "-cpu-used",
              "8",
              "-b:v",
              "1500k",
              "-g",
              "60",
              "-threads",
              "2"),
          picture);
    }
    if (!Files.exists(sound)) {
      encode(
          programs,
          VOICE,
          List.of("-ac", "1", "-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20"),
          sound);
    }
    return new DemoMedia(Clip.of(picture), Clip.of(sound));
  }

  // Written under another name first: a demo that is cut off must not leave half a clip behind.
  private static void encode(FfmpegPrograms programs, String source, List<String> how, Path file)
      throws IOException {
    Path staging = file.resolveSibling("new-" + file.getFileName());
    List<String> arguments =
        new ArrayList<>(List.of("-v", "error", "-y", "-f", "lavfi", "-i", source));
    arguments.addAll(how);
    arguments.add(staging.toString());
    ProgramRun run = programs.run(arguments, LIMIT);
    if (run.exitCode() != 0) {
      throw new IOException("FFmpeg could not make " + file + ": " + run.errors().strip());
    }
    Files.move(staging, file);
  }
}
