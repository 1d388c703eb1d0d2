package io.spillway.media.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.ffmpeg.MediaProbe;
import io.spillway.media.ffmpeg.ProgramRun;
import io.spillway.media.track.TrackFiles.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OpusFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"2.5, 120", "5, 240", "10, 480", "20, 960", "40, 1920", "60, 2880", "120, 5760"})
  void packetsOfEveryDurationGiveAFileOfTheirLength(String millis, int ticks) throws IOException {
    List<Sample> packets = TestMedia.opus(2, millis, 3);
    Path file = folder.resolve("tone.ogg");
    Options stereo = options().withStereo(true);
    try (TrackWriter writer = TrackFiles.create(Codec.OPUS, file, stereo)) {
      long at = write(writer, packets, 0, ticks);
      Finished finished = writer.finish();
      assertThat(finished.durationTicks()).isEqualTo(at);
      assertThat(finished.frames()).isEqualTo(packets.size());
      assertThat(finished.bytes()).isEqualTo(Files.size(file));
      MediaProbe probe = MediaProbe.of(TestMedia.programs(), file);
      assertThat(decodedSamples(file)).isEqualTo(at);
      assertThat(probe.stream().channels()).isEqualTo(2);
      assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
    }
  }

  @Test
  void aGapIsSilenceOfTheSameLength() throws IOException {
    List<Sample> packets = TestMedia.opus(1, "20", 3);
    Path file = folder.resolve("tone.ogg");
    try (TrackWriter writer = TrackFiles.create(Codec.OPUS, file, options())) {
      long at = write(writer, packets.subList(0, 50), 0, 960);
      at = write(writer, packets.subList(50, 100), at + 4 * 48_000 + 120 + 480, 960);
      assertThat(writer.finish().durationTicks()).isEqualTo(at);
      assertThat(decodedSamples(file)).isEqualTo(6 * 48_000 + 600);
    }
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
    assertThat(silences(file)).isCloseTo(4.0, within(0.1));
  }

  @Test
  void aMutedTrackIsSilenceFromItsStartToItsEnd() throws IOException {
    Path file = folder.resolve("mute.ogg");
    try (TrackWriter writer = TrackFiles.create(Codec.OPUS, file, options())) {
      for (int second = 1; second <= 5; second++) {
        long before = writer.bytesWritten();
        writer.holdUntil(second * 48_000L);
        writer.flush();
        assertThat(writer.bytesWritten()).isGreaterThan(before);
      }
      assertThat(writer.finish()).isEqualTo(new Finished(240_000, Files.size(file), 0));
    }
    assertThat(decodedSamples(file)).isEqualTo(240_000);
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
  }

  @Test
  void dtxPacketsEachFourHundredMillisecondsKeepTheTime() throws IOException {
    Path file = folder.resolve("dtx.ogg");
    byte[] comfort = {(byte) 0x78}; // a frame of no bytes: the decoder conceals (RFC 6716, 3.2.1)
    try (TrackWriter writer = TrackFiles.create(Codec.OPUS, file, options())) {
      for (int i = 0; i < 10; i++) {
        writer.frame(i * 19_200L, true, comfort, 0, 1);
      }
      writer.holdUntil(192_000);
      assertThat(writer.finish().durationTicks()).isEqualTo(192_000);
    }
    assertThat(decodedSamples(file)).isEqualTo(192_000);
  }

  @Test
  void packetsThatComeForTimeAlreadyCoveredAreLeftOut() throws IOException {
    List<Sample> packets = TestMedia.opus(1, "20", 3);
    Path file = folder.resolve("tone.ogg");
    try (TrackWriter writer = TrackFiles.create(Codec.OPUS, file, options())) {
      write(writer, packets.subList(0, 50), 0, 960);
      write(writer, packets.subList(0, 50), 0, 960); // all of it again
      write(writer, packets.subList(0, 1), 47_900, 960); // reaches beyond the end: taken
      writer.frame(48_960, true, new byte[0], 0, 0);
      writer.frame(48_960, true, new byte[] {3}, 0, 1); // code 3 without its count
      Finished finished = writer.finish();
      assertThat(finished.frames()).isEqualTo(51);
      assertThat(finished.durationTicks()).isEqualTo(48_960);
    }
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStereoPacketMakesTheFileStereoWhateverWasAnnounced(boolean flushBetween)
      throws IOException {
    Path file = folder.resolve("tone.ogg");
    try (TrackWriter writer = TrackFiles.create(Codec.OPUS, file, options())) {
      long at = write(writer, TestMedia.opus(1, "20", 3).subList(0, 50), 0, 960);
      if (flushBetween) {
        writer.flush();
      }
      write(writer, TestMedia.opus(2, "20", 3).subList(0, 50), at, 960);
      writer.finish();
    }
    assertThat(MediaProbe.of(TestMedia.programs(), file).stream().channels()).isEqualTo(2);
    assertThat(MediaProbe.decodeErrors(TestMedia.programs(), file)).isEmpty();
  }

  @Test
  void theToneThatWentInComesOutBitForBit() throws IOException {
    List<Sample> packets = TestMedia.opus(2, "20", 3);
    MemoryFile file = new MemoryFile();
    TrackWriter writer = TrackFiles.on(file, Codec.OPUS, options(), 1);
    write(writer, packets, 0, 960);
    writer.finish();
    List<Sample> back = TestMedia.oggPackets(file.content());
    assertThat(back).hasSize(packets.size() + 1); // one more to get the decoder's delay out
    for (int i = 0; i < packets.size(); i++) {
      assertThat(back.get(i).data()).isEqualTo(packets.get(i).data());
    }
  }

  private static Options options() {
    return Options.of(Codec.OPUS, "tone.ogg");
  }

  private static long write(TrackWriter writer, List<Sample> packets, long from, int ticks)
      throws IOException {
    long at = from;
    for (Sample packet : packets) {
      writer.frame(at, true, packet.data(), 0, packet.data().length);
      at += ticks;
    }
    return at;
  }

  private static long decodedSamples(Path file) throws IOException {
    ProgramRun run =
        TestMedia.programs()
            .run(
                List.of(
                    "-v",
                    "info",
                    "-i",
                    file.toString(),
                    "-af",
                    "astats=measure_perchannel=none",
                    "-f",
                    "null",
                    "-"),
                Duration.ofMinutes(1));
    return run.errors()
        .lines()
        .filter(line -> line.contains("Number of samples:"))
        .map(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(0L);
  }

  private static double silences(Path file) throws IOException {
    ProgramRun run =
        TestMedia.programs()
            .run(
                List.of(
                    "-i",
                    file.toString(),
                    "-af",
                    "silencedetect=noise=-60dB:d=1",
                    "-f",
                    "null",
                    "-"),
                Duration.ofMinutes(1));
    return run.errors()
        .lines()
        .filter(line -> line.contains("silence_duration:"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
