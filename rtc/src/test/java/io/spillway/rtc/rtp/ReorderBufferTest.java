package io.spillway.rtc.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ReorderBufferTest {
  private static final long MILLIS = 1_000_000L;

  private final List<String> events = new ArrayList<>();
  private final ReorderBuffer buffer = newBuffer();
  private final long[] asked = new long[64];

  private ReorderBuffer newBuffer() {
    ReorderBuffer.Consumer consumer =
        new ReorderBuffer.Consumer() {
          @Override
          public void packet(
              byte[] data,
              int offset,
              int length,
              int payloadType,
              long ticks,
              boolean marker,
              long arrivalNanos) {
            events.add(Long.toString(ticks));
          }

          @Override
          public void lost(long packets) {
            events.add("lost " + packets);
          }

          @Override
          public boolean startsKeyFrame(byte[] data, int offset, int length) {
            return data[offset] == 'k';
          }

          @Override
          public int redundancy(int payloadType, byte[] data, int offset, int length) {
            return data[offset] == 'r' ? data[offset + 1] : 0;
          }
        };
    ReorderBuffer made = new ReorderBuffer(consumer, new PacketStock(16, 8), 64, 1_000 * MILLIS);
    made.start(100);
    return made;
  }

  private ReorderBuffer.Arrival give(long sequence, long millis) {
    return give(sequence, millis, new byte[] {'x', 0});
  }

  private ReorderBuffer.Arrival give(long sequence, long millis, byte[] data) {
    return buffer.insert(sequence, data, 0, data.length, 96, sequence, false, millis * MILLIS);
  }

  private List<Long> ask(long millis) {
    int count = buffer.collect(millis * MILLIS, asked);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(asked[i]);
    }
    return numbers;
  }

  @Test
  void packetsBehindAHoleWaitForIt() {
    give(100, 0);
    give(102, 1);
    give(103, 2);
    assertThat(events).containsExactly("100");
    assertThat(give(101, 3)).isEqualTo(ReorderBuffer.Arrival.FIRST);
    assertThat(events).containsExactly("100", "101", "102", "103");
    assertThat(buffer.missing()).isZero();
    assertThat(buffer.dueNanos()).isEqualTo(ReorderBuffer.NEVER);
  }

  @Test
  void aLostPacketIsAskedForAgainUntilItIsTooLate() {
    buffer.roundTrip(20 * MILLIS);
    give(100, 0);
    give(102, 0);
    assertThat(buffer.dueNanos()).isEqualTo(10 * MILLIS);
    List<Long> askedAt = new ArrayList<>();
    for (long millis = 0; millis < 1_000; millis++) {
      buffer.giveUp(millis * MILLIS);
      if (!ask(millis).isEmpty()) {
        askedAt.add(millis);
      }
    }
    assertThat(askedAt).startsWith(10L, 40L, 100L, 200L, 300L).endsWith(900L);
    assertThat(events).containsExactly("100");
    buffer.giveUp(1_000 * MILLIS);
    assertThat(events).containsExactly("100", "lost 1", "102");
    assertThat(give(101, 1_001)).isEqualTo(ReorderBuffer.Arrival.LATE);
    assertThat(give(101, 1_002)).isEqualTo(ReorderBuffer.Arrival.DUPLICATE);
  }

  @Test
  void aLongRoundTripStretchesTheSteps() {
    buffer.roundTrip(400 * MILLIS);
    give(100, 0);
    give(102, 0);
    assertThat(ask(10)).containsExactly(101L);
    assertThat(ask(509)).isEmpty();
    assertThat(ask(510)).containsExactly(101L);
    assertThat(give(101, 520)).isEqualTo(ReorderBuffer.Arrival.RECOVERED);
  }

  @Test
  void aKeyFrameBehindTheHoleShortensThePatience() {
    buffer.roundTrip(0);
    give(100, 0);
    give(102, 0);
    give(103, 0, new byte[] {'k'});
    buffer.giveUp(449 * MILLIS);
    assertThat(events).containsExactly("100");
    buffer.giveUp(450 * MILLIS);
    assertThat(events).containsExactly("100", "lost 1", "102", "103");
  }

  @Test
  void redundancyThatCoversTheHoleEndsTheWait() {
    give(100, 0);
    give(103, 0, new byte[] {'r', 1});
    assertThat(events).containsExactly("100");
    give(101, 1);
    assertThat(events).containsExactly("100", "101", "lost 1", "103");
  }

  @Test
  void reorderingTeachesPatienceBeforeAsking() {
    give(100, 0);
    give(102, 0);
    give(101, 8);
    for (long n = 103; n < 110; n += 2) {
      give(n + 1, n * 10);
      give(n, n * 10 + 30);
    }
    give(112, 5_000);
    assertThat(buffer.dueNanos()).isBetween(5_030 * MILLIS, 5_040 * MILLIS);
  }

  @Test
  void aHoleLargerThanTheRingIsPartlyAbandoned() {
    give(100, 0);
    give(102, 0);
    give(200, 1);
    assertThat(events).containsExactly("100", "lost 1", "102", "lost 34");
    buffer.drain();
    assertThat(events).endsWith("lost 63", "200");
    assertThat(buffer.missing()).isZero();
  }

  @Test
  void paddingHoldsItsPlaceAndIsNotDelivered() {
    give(100, 0);
    buffer.insert(102, new byte[0], 0, 0, 96, 102, false, 0);
    give(103, 0);
    give(101, 1);
    assertThat(events).containsExactly("100", "101", "103");
  }

  @Test
  void inAnyOrderEachPacketComesOutOnceInOrder() {
    for (long seed = 1; seed <= 200; seed++) {
      events.clear();
      ReorderBuffer any = newBuffer();
      SplittableRandom random = new SplittableRandom(seed);
      List<Long> order = new ArrayList<>();
      for (long n = 100; n < 600; n++) {
        if (random.nextInt(10) > 0 || n == 100) {
          int back = n == 100 ? 0 : random.nextInt(Math.min(20, order.size()));
          order.add(order.size() - back, n);
        }
        if (random.nextInt(20) == 0) {
          order.add(order.get(random.nextInt(order.size())));
        }
      }
      order.remove(100L);
      order.addFirst(100L);
      byte[] data = {'x', 0};
      for (int i = 0; i < order.size(); i++) {
        long n = order.get(i);
        any.insert(n, data, 0, 2, 96, n, false, i * 20L * MILLIS);
        any.giveUp(i * 20L * MILLIS);
        any.collect(i * 20L * MILLIS, asked);
      }
      any.drain();
      long last = 99;
      for (String event : events) {
        if (event.startsWith("lost ")) {
          last += Long.parseLong(event.substring(5));
        } else {
          assertThat(Long.parseLong(event)).as("seed " + seed).isEqualTo(++last);
        }
      }
      assertThat(any.missing()).as("seed " + seed).isZero();
    }
  }
}
