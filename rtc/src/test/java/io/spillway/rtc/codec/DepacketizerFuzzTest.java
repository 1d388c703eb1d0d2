package io.spillway.rtc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random, mutated and cut payloads: nothing may throw, no frame may lie outside its array. */
final class DepacketizerFuzzTest {
  private static final int SEEDS = 60;
  private static final int FRAMES = 200;

  private long frames;
  private long bytes;

  @ParameterizedTest
  @EnumSource(Codec.class)
  void whateverComesIsAFrameOrCounted(Codec codec) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        run(codec, new SplittableRandom(seed));
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed + " for " + codec, failure);
      }
    }
    assertThat(frames).as("frames that came through the storm").isPositive();
    assertThat(bytes).isPositive();
  }

  private void run(Codec codec, SplittableRandom random) {
    Depacketizer depacketizer = Depacketizers.of(codec, this::check);
    Packetizer packetizer = Packetizers.of(codec, 64 + random.nextInt(200));
    for (int i = 0; i < FRAMES; i++) {
      byte[] frame = SampleFrames.frame(codec, random.nextInt(5) == 0, random.nextInt(600), random);
      long ticks = i * 3_000L;
      packetizer.packetize(
          frame,
          0,
          frame.length,
          true,
          (buffer, offset, length, last) -> {
            byte[] payload = mutate(buffer, offset, length, random);
            if (payload.length > 0 && random.nextInt(40) != 0) {
              boolean redundant = codec == Codec.OPUS && random.nextInt(4) == 0;
              depacketizer.startsKeyFrame(payload, 0, payload.length);
              Depacketizers.redundancy(payload, 0, payload.length);
              depacketizer.packet(payload, 0, payload.length, redundant, ticks, last, ticks);
            } else {
              depacketizer.gap(1);
            }
          });
      if (random.nextInt(100) == 0) {
        depacketizer.restart();
      }
    }
  }

  /** The payload ends exactly at its array's end, so that reading on would throw. */
  private static byte[] mutate(byte[] buffer, int offset, int length, SplittableRandom random) {
    int kept = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
    byte[] payload = new byte[kept];
    System.arraycopy(buffer, offset, payload, 0, kept);
    int changes = random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 0;
    for (int i = 0; i < changes && kept > 0; i++) {
      int at = random.nextBoolean() ? random.nextInt(Math.min(8, kept)) : random.nextInt(kept);
      payload[at] = (byte) random.nextInt();
    }
    return payload;
  }

  private void check(Frame frame) {
    assertThat(frame.length).isPositive();
    assertThat(frame.offset).isNotNegative();
    assertThat(frame.offset + frame.length).isLessThanOrEqualTo(frame.data.length);
    frames++;
    bytes += frame.length;
  }
}
