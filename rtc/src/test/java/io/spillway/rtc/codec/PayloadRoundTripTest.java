package io.spillway.rtc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PayloadRoundTripTest {
  @ParameterizedTest
  @EnumSource(Codec.class)
  void framesOfAllSizesComeOutAsTheyWentIn(Codec codec) {
    SplittableRandom random = new SplittableRandom(7);
    Collected out = new Collected(codec);
    Packetizer packetizer = Packetizers.of(codec, 100);
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean key = i % 50 == 0;
      byte[] frame = SampleFrames.frame(codec, key, 1 + i, random);
      sent.add(HexFormat.of().formatHex(frame));
      out.at(i * 3_000L);
      int packets =
          packetizer.packetize(
              frame,
              0,
              frame.length,
              key,
              (buffer, offset, length, last) -> {
                if (codec.kind() == Codec.Kind.VIDEO) {
                  assertThat(length).isLessThanOrEqualTo(100);
                }
                byte[] payload = new byte[length];
                System.arraycopy(buffer, offset, payload, 0, length);
                out.give(payload, last);
              });
      assertThat(packets).isPositive();
    }
    assertThat(out.data()).isEqualTo(sent);
    assertThat(out.depacketizer.framesDropped()).isZero();
    if (codec.kind() == Codec.Kind.VIDEO) {
      assertThat(out.frames.get(50).key()).isTrue();
      assertThat(out.frames.get(50).width()).isEqualTo(SampleFrames.WIDTH);
      assertThat(out.frames.get(50).height()).isEqualTo(SampleFrames.HEIGHT);
      assertThat(out.frames.get(51).key()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"H264", "H265", "AV1"})
  void aFrameWithoutItsShapeGivesNoPayload(Codec codec) {
    byte[] nonsense = SampleFrames.hex("7fffffff7fffffff");
    int packets =
        Packetizers.of(codec)
            .packetize(
                nonsense,
                0,
                nonsense.length,
                true,
                (buffer, offset, length, last) -> {
                  throw new AssertionError("a payload");
                });
    assertThat(packets).isZero();
  }
}
