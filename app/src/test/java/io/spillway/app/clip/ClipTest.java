package io.spillway.app.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.clip.Clip.ClipFrame;
import io.spillway.core.media.Codec;
import io.spillway.core.time.SimulatedTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipTest {
  @TempDir Path folder;

  private static byte[] ivf(String fourCc, byte[]... frames) {
    int size = 32;
    for (byte[] frame : frames) {
      size += 12 + frame.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put("DKIF".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0).putShort((short) 32);
    out.put(fourCc.getBytes(StandardCharsets.US_ASCII)).putShort((short) 64).putShort((short) 36);
    out.putInt(25).putInt(1).putLong(frames.length);
    for (int i = 0; i < frames.length; i++) {
      out.putInt(frames[i].length).putLong(i).put(frames[i]);
    }
    return out.array();
  }

  private static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }

  private Clip clip(String name, byte[] content) throws IOException {
    return Clip.of(Files.write(folder.resolve(name), content));
  }

  @Test
  void vp8FramesComeWithTheirTimesAndKeys() throws IOException {
    Clip clip = clip("a.ivf", ivf("VP80", bytes(0x10, 1), bytes(0x11, 2), bytes(0x10, 3)));

    assertThat(clip.codec()).isEqualTo(Codec.VP8);
    assertThat(clip.width()).isEqualTo(64);
    assertThat(clip.height()).isEqualTo(36);
    assertThat(clip.frames()).extracting(ClipFrame::ticks).containsExactly(0L, 3600L, 7200L);
    assertThat(clip.frames()).extracting(ClipFrame::key).containsExactly(true, false, true);
    assertThat(clip.durationTicks()).isEqualTo(10_800);
  }

  @Test
  void vp9KeysAreKnownByTheirHeader() throws IOException {
    Clip clip = clip("a.ivf", ivf("VP90", bytes(0x82), bytes(0x86), bytes(0x8a), bytes(0xb1)));

    // A key frame, an inter frame, a repeated frame, a key frame of profile 3.
    assertThat(clip.frames()).extracting(ClipFrame::key).containsExactly(true, false, false, true);
  }

  @Test
  void av1UnitsLoseTheirDelimiterAndKeysHaveASequenceHeader() throws IOException {
    byte[] key = bytes(0x12, 0, 0x0a, 1, 7, 0x32, 2, 8, 9);
    byte[] inter = bytes(0x12, 0, 0x32, 1, 5);
    Clip clip = clip("a.ivf", ivf("AV01", key, inter));

    assertThat(clip.frames()).extracting(ClipFrame::key).containsExactly(true, false);
    assertThat(clip.frames().get(0).data()).isEqualTo(bytes(0x0a, 1, 7, 0x32, 2, 8, 9));
    assertThat(clip.frames().get(1).data()).isEqualTo(bytes(0x32, 1, 5));
  }

  private static byte[] ogg(byte[]... packets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] packet : packets) {
      int segments = packet.length / 255 + 1;
      out.writeBytes("OggS".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(new byte[22]);
      out.write(segments);
      for (int i = 0; i < segments; i++) {
        out.write(Math.min(255, packet.length - 255 * i));
      }
      out.writeBytes(packet);
    }
    return out.toByteArray();
  }

  private static byte[] head(int channels) {
    byte[] head = new byte[19];
    System.arraycopy("OpusHead".getBytes(StandardCharsets.US_ASCII), 0, head, 0, 8);
    head[9] = (byte) channels;
    return head;
  }

  @Test
  void opusPacketsCarryTheirLengths() throws IOException {
    byte[] large = new byte[300];
    large[0] = (byte) (31 << 3); // CELT 20 ms
    Clip clip = clip("a.ogg", ogg(head(2), bytes(1), large, bytes(28 << 3), bytes(31 << 3)));

    assertThat(clip.channels()).isEqualTo(2);
    assertThat(clip.frames()).extracting(ClipFrame::ticks).containsExactly(0L, 960L, 1080L);
    assertThat(clip.frames().getFirst().data()).hasSize(300);
    assertThat(clip.durationTicks()).isEqualTo(2040);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 480",
    "3, 2880",
    "11, 2880",
    "12, 480",
    "15, 960",
    "16, 120",
    "31, 960",
    "27, 960"
  })
  void theTocTellsAPacketsLength(int config, long ticks) {
    assertThat(OggOpusReader.durationTicks(bytes(config << 3))).isEqualTo(ticks);
    assertThat(OggOpusReader.durationTicks(bytes(config << 3 | 1))).isEqualTo(2 * ticks);
    assertThat(OggOpusReader.durationTicks(bytes(config << 3 | 3, 5))).isEqualTo(5 * ticks);
  }

  @ParameterizedTest
  @CsvSource({"a.ivf", "a.ogg", "a.mp3"})
  void garbageIsRefusedWithTheFilesName(String name) {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[random.nextInt(200)];
      random.nextBytes(garbage);
      assertThatThrownBy(() -> clip(name, garbage))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void aFileCutAnywhereIsReadOrRefusedButNeverCrashes() throws IOException {
    byte[] whole = ivf("AV01", bytes(0x12, 0, 0x0a, 1, 7), bytes(0x12, 0, 0x32, 1, 5));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      try {
        assertThat(clip("cut.ivf", cut).frames()).isNotEmpty();
      } catch (IOException refused) {
        assertThat(refused).hasMessageContaining("cut.ivf");
      }
    }
  }

  private static Clip pictures() {
    return new Clip(
        Codec.VP8,
        List.of(
            new ClipFrame(0, true, bytes(0)),
            new ClipFrame(9000, false, bytes(1)),
            new ClipFrame(18_000, true, bytes(2)),
            new ClipFrame(27_000, false, bytes(3))),
        36_000,
        1,
        1,
        0);
  }

  @Test
  void framesAreDueAtTheirTimesRoundAfterRound() {
    SimulatedTime time = new SimulatedTime();
    List<Long> ticks = new ArrayList<>();
    List<Integer> contents = new ArrayList<>();
    try (var _ =
        ClipPlayer.play(
            pictures(),
            time,
            (at, frame) -> {
              ticks.add(at);
              contents.add((int) frame.data()[0]);
            })) {
      time.advance(Duration.ofMillis(550));
    }
    time.advance(Duration.ofSeconds(1));

    assertThat(ticks).containsExactly(0L, 9000L, 18_000L, 27_000L, 36_000L, 45_000L);
    assertThat(contents).containsExactly(0, 1, 2, 3, 0, 1);
  }

  @Test
  void aKeyFrameThatIsAskedForComesNext() {
    SimulatedTime time = new SimulatedTime();
    List<Integer> contents = new ArrayList<>();
    List<Long> ticks = new ArrayList<>();
    try (ClipPlayer player =
        ClipPlayer.play(
            pictures(),
            time,
            (at, frame) -> {
              ticks.add(at);
              contents.add((int) frame.data()[0]);
            })) {
      time.advance(Duration.ofMillis(50));
      player.wantKeyFrame();
      time.advance(Duration.ofMillis(200));
    }

    assertThat(contents).containsExactly(0, 2, 3);
    assertThat(ticks).containsExactly(0L, 9000L, 18_000L);
  }

  @Test
  void h265UnitsBecomePicturesWithTheirParameterSets() throws IOException {
    byte[] stream =
        bytes(
            0, 0, 0, 1, 35 << 1, 1, 0x50, // access unit delimiter: left out
            0, 0, 0, 1, 34 << 1, 1, 7, // picture parameter set
            0, 0, 1, 19 << 1, 1, 0x80, 5, // IDR, first slice of its picture
            0, 0, 1, 19 << 1, 1, 0x00, 6, // IDR, second slice
            0, 0, 0, 1, 1 << 1, 1, 0x80, 8); // the next picture

    Clip clip = clip("a.h265", stream);

    assertThat(clip.codec()).isEqualTo(Codec.H265);
    assertThat(clip.frames()).extracting(ClipFrame::key).containsExactly(true, false);
    assertThat(clip.frames()).extracting(ClipFrame::ticks).containsExactly(0L, 3000L);
    assertThat(clip.durationTicks()).isEqualTo(6000);
    assertThat(clip.frames().getFirst().data())
        .containsExactly(
            bytes(0, 0, 0, 3, 68, 1, 7, 0, 0, 0, 4, 38, 1, 0x80, 5, 0, 0, 0, 4, 38, 1, 0x00, 6));
  }

  @Test
  void h264PicturesBeginAtTheirFirstSliceOrParameterSet() throws IOException {
    byte[] stream =
        bytes(
            0, 0, 0, 1, 0x68, 1, // picture parameter set
            0, 0, 1, 0x65, 0x80, 2, // IDR
            0, 0, 1, 0x41, 0x9a, 3, // a picture of its own
            0, 0, 1, 0x41, 0x40, 4, // its second slice
            0, 0, 1, 0x06, 1, 0, // SEI of the third picture, and padding
            0, 0, 1, 0x41, 0x9a, 5);

    Clip clip = clip("a.h264", stream);

    assertThat(clip.frames()).extracting(ClipFrame::key).containsExactly(true, false, false);
    assertThat(clip.frames().get(2).data())
        .containsExactly(bytes(0, 0, 0, 2, 6, 1, 0, 0, 0, 3, 0x41, 0x9a, 5));
  }
}
