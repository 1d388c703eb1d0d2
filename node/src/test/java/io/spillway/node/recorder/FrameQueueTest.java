package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.rtc.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameQueueTest {
  private final Random random = new Random(7);

  @Test
  void framesComeOutAsTheyWentInWhateverTheirSizes() {
    FrameQueue queue = new FrameQueue(1 << 20, plenty());
    List<Seen> sent = new ArrayList<>();
    List<Seen> received = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      int frames = random.nextInt(40);
      for (int i = 0; i < frames; i++) {
        Frame frame = frame(random.nextInt(3000));
        assertThat(queue.add(frame)).isPositive();
        sent.add(Seen.of(frame));
      }
      assertThat(queue.drain(new Frame(), view -> received.add(Seen.of(view)))).isEqualTo(frames);
    }

    assertThat(received).isEqualTo(sent);
  }

  @Test
  void aFullQueueDropsTheFrameCountsItAndMarksTheNext() {
    FrameQueue queue = new FrameQueue(1000, plenty());
    assertThat(queue.add(frame(900))).isPositive();
    assertThat(queue.add(frame(900))).isEqualTo(-1);
    queue.drain(new Frame(), _ -> {});
    Frame next = frame(10);
    next.afterLoss = false;
    queue.add(next);
    List<Boolean> afterLoss = new ArrayList<>();

    queue.drain(new Frame(), view -> afterLoss.add(view.afterLoss));

    assertThat(queue.dropped()).isEqualTo(1);
    assertThat(afterLoss).containsExactly(true);
  }

  @Test
  void allQueuesOfANodeShareOneBudgetWhichComesBackWhenTheyAreDrained() {
    FrameQueue.Budget budget = new FrameQueue.Budget(2000);
    FrameQueue slow = new FrameQueue(1 << 20, budget);
    FrameQueue quick = new FrameQueue(1 << 20, budget);
    assertThat(slow.add(frame(1500))).isPositive();
    assertThat(quick.add(frame(1500))).isEqualTo(-1);

    slow.drain(new Frame(), _ -> {});

    assertThat(quick.add(frame(1500))).isPositive();
  }

  @Test
  void aClosedQueueGivesBackWhatWaitsAndTakesNoMore() {
    FrameQueue.Budget budget = new FrameQueue.Budget(2000);
    FrameQueue ended = new FrameQueue(1 << 20, budget);
    assertThat(ended.add(frame(1500))).isPositive();

    ended.close();

    assertThat(ended.add(frame(1500))).isZero();
    assertThat(ended.dropped()).isZero();
    assertThat(ended.drain(new Frame(), _ -> {})).isZero();
    assertThat(new FrameQueue(1 << 20, budget).add(frame(1500))).isPositive();
  }

  private static FrameQueue.Budget plenty() {
    return new FrameQueue.Budget(1 << 24);
  }

  @Test
  void aProducerGoesOnWhileTheConsumerReads() {
    FrameQueue queue = new FrameQueue(1 << 16, plenty());
    queue.add(frame(10));
    List<Integer> lengths = new ArrayList<>();
    queue.drain(
        new Frame(),
        view -> {
          if (lengths.isEmpty()) {
            queue.add(frame(20));
          }
          lengths.add(view.length);
        });
    queue.drain(new Frame(), view -> lengths.add(view.length));

    assertThat(lengths).containsExactly(10, 20);
  }

  private Frame frame(int length) {
    Frame frame = new Frame();
    frame.ticks = random.nextLong();
    frame.arrivalNanos = random.nextLong();
    frame.captureUnixNanos = random.nextLong();
    frame.key = random.nextBoolean();
    frame.discontinuity = random.nextBoolean();
    frame.afterLoss = random.nextBoolean();
    frame.width = random.nextInt(5000);
    frame.height = random.nextInt(5000);
    frame.data = new byte[length + 3];
    random.nextBytes(frame.data);
    frame.offset = 3;
    frame.length = length;
    return frame;
  }

  private record Seen(
      long ticks,
      long arrival,
      long capture,
      boolean key,
      boolean afterLoss,
      boolean discontinuity,
      int width,
      int height,
      List<Byte> bytes) {
    static Seen of(Frame frame) {
      List<Byte> bytes = new ArrayList<>();
      for (int i = 0; i < frame.length; i++) {
        bytes.add(frame.data[frame.offset + i]);
      }
      return new Seen(
          frame.ticks,
          frame.arrivalNanos,
          frame.captureUnixNanos,
          frame.key,
          frame.afterLoss,
          frame.discontinuity,
          frame.width,
          frame.height,
          bytes);
    }
  }
}
