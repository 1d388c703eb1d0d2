package io.spillway.bench.stage;

import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.media.ffmpeg.ProgramRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is recorded: 48 kHz Opus in packets of 20 ms at 32 kbit/s without pauses, as a talking
 * person sends it; 720p VP8 with 30 pictures a second at 1.5 Mbit/s, what LiveKit's SDKs send.
 */
record Clips(Path sound, Path picture) {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  static Clips make(Path folder) throws IOException {
    FfmpegPrograms programs = FfmpegPrograms.unpack(folder);
    Path sound = sound(programs, folder);
    Path picture = folder.resolve("picture.ivf");
    encode(
        programs,
        "testsrc2=size=1280x720:rate=30:duration=6,noise=alls=12:allf=t,format=yuv420p",
        "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1500k -maxrate 1800k -bufsize 1500k"
            + " -g 60 -threads 2",
        picture);
    return new Clips(sound, picture);
  }

  /** The sound alone. */
  static Path makeSound(Path folder) throws IOException {
    return sound(FfmpegPrograms.unpack(folder), folder);
  }

  private static Path sound(FfmpegPrograms programs, Path folder) throws IOException {
    Path sound = folder.resolve("sound.ogg");
    encode(
        programs,
        "aevalsrc='0.4*(2*mod(t*(130+20*sin(1.3*t)),1)-1)':s=48000:d=10",
        "-ac 1 -c:a libopus -b:a 32k -frame_duration 20",
        sound);
    return sound;
  }

  private static void encode(FfmpegPrograms programs, String source, String how, Path file)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("-v", "error", "-y", "-f", "lavfi", "-i", source));
    arguments.addAll(List.of(how.split(" ", -1)));
    arguments.add(file.toString());
    ProgramRun run = programs.run(arguments, LIMIT);
    if (run.exitCode() != 0) {
      throw new IOException("FFmpeg could not make " + file + ": " + run.errors().strip());
    }
  }
}
