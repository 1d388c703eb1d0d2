package io.spillway.rtc.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.core.time.SimulatedTime;
import io.spillway.rtc.Frame;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.rtp.TrackReceiver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LastPacketsTest {
  private final SimulatedTime time = new SimulatedTime();
  private final LastPackets last = new LastPackets(time::after, missing -> givenUp = missing);
  private int givenUp;
  private int frames;
  private int closes;
  private long closedNanos = -1;
  private final TrackReceiver receiver =
      new TrackReceiver(
          Codec.OPUS,
          List.of(new PayloadType(96, Codec.OPUS, PayloadType.Kind.MEDIA, 96, Map.of())),
          new SplittableRandom(1),
          new TrackReceiver.Out() {
            @Override
            public void frame(Frame frame) {
              frames++;
            }

            @Override
            public void sendRtcp(byte[] buffer, int offset, int length) {}
          });

  @Test
  void withoutAHoleTheEndComesAtOnce() {
    packets(1, 2, 3);
    close();
    assertThat(closedNanos).isEqualTo(time.nanos());
    assertThat(closes).isEqualTo(1);
  }

  @Test
  void beforeTheFirstPacketTheEndComesAtOnce() {
    close();
    assertThat(closes).isEqualTo(1);
  }

  @Test
  void theEndComesWithTheLastMissingPacket() {
    packets(1, 2, 4, 6);
    close();
    time.advance(Duration.ofMillis(30));
    packets(3);
    assertThat(closes).isZero();
    time.advance(Duration.ofMillis(10));
    packets(5);
    assertThat(closedNanos).isEqualTo(time.nanos());
    assertThat(frames).isEqualTo(6);
    time.advance(Duration.ofSeconds(1));
    assertThat(closes).as("the timer comes to nothing").isEqualTo(1);
  }

  @Test
  void aPacketThatNeverComesHoldsTheEndForAMomentOnly() {
    packets(1, 2, 4);
    close();
    time.advance(Duration.ofMillis(270));
    close();
    time.advance(Duration.ofMillis(29));
    assertThat(closes).isZero();
    time.advance(Duration.ofMillis(1));
    assertThat(closes).isEqualTo(1);
    assertThat(closedNanos).isEqualTo(LastPackets.AT_MOST.toNanos());
    assertThat(givenUp).isEqualTo(1);
    packets(3);
    assertThat(closes).isEqualTo(1);
  }

  private void close() {
    last.await(
        receiver,
        () -> {
          closes++;
          closedNanos = time.nanos();
        });
  }

  private void packets(int... numbers) {
    for (int number : numbers) {
      byte[] packet = new byte[20];
      packet[0] = (byte) 0x80;
      packet[1] = 96;
      packet[3] = (byte) number;
      packet[6] = (byte) ((number * 960) >> 8);
      packet[7] = (byte) (number * 960);
      packet[11] = 5;
      receiver.rtp(packet, 0, packet.length, time.nanos());
      last.came(receiver);
    }
  }
}
