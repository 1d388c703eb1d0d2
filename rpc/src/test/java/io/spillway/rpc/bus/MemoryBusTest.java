package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.rpc.DropReason;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MemoryBusTest {
  private final RpcMetrics metrics = new RpcMetrics();
  private final List<Integer> got = new ArrayList<>();

  private MemoryBus bus(BusLimits limits, MemoryFaults faults) {
    return new MemoryBus(Runnable::run, limits, faults, metrics);
  }

  private static byte[] message(int number) {
    return new byte[] {(byte) number};
  }

  private void listen(MemoryBus bus) {
    var _ = bus.subscribe("c", false, payload -> got.add((int) payload[0]));
  }

  @Test
  void oneMessageTooManyIsRefusedAndTheRestIsDelivered() {
    var reader = new ArrayDeque<Runnable>();
    MemoryBus bus =
        new MemoryBus(reader::add, new BusLimits(3, 100, 10), MemoryFaults.none(), metrics);
    listen(bus);
    for (int i = 0; i < 3; i++) {
      bus.publish("c", message(i));
    }
    assertThatThrownBy(() -> bus.publish("c", message(3))).isInstanceOf(RpcException.class);
    reader.remove().run();
    assertThat(got).containsExactly(0, 1, 2);
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(1);
    bus.publish("c", message(4));
    reader.remove().run();
    assertThat(got).containsExactly(0, 1, 2, 4);
  }

  @Test
  void aMessageOverTheLimitIsRefused() {
    MemoryBus bus = bus(new BusLimits(3, 100, 10), MemoryFaults.none());
    assertThatThrownBy(() -> bus.publish("c", new byte[11])).hasMessageContaining("11 bytes");
    assertThat(metrics.drops(DropReason.OVERSIZED)).isEqualTo(1);
  }

  @Test
  void aReceiverThatThrowsHurtsNoOther() {
    MemoryBus bus = bus(BusLimits.defaults(), MemoryFaults.none());
    var _ =
        bus.subscribe(
            "c",
            false,
            payload -> {
              throw new IllegalStateException("bad receiver");
            });
    listen(bus);
    bus.publish("c", message(1));
    bus.publish("c", message(2));
    assertThat(got).containsExactly(1, 2);
    assertThat(metrics.drops(DropReason.FAILED)).isEqualTo(2);
  }

  @Test
  void anErrorOfAReceiverCostsItsMessageAndNoOther() {
    MemoryBus bus = bus(BusLimits.defaults(), MemoryFaults.none());
    var _ =
        bus.subscribe(
            "c",
            false,
            payload -> {
              throw new StackOverflowError("bad receiver");
            });
    listen(bus);
    bus.publish("c", message(1));
    bus.publish("c", message(2));
    assertThat(got).containsExactly(1, 2);
    assertThat(metrics.drops(DropReason.FAILED)).isEqualTo(2);
  }

  @Test
  void aReaderThatCanNotBeStartedDelaysItsMessageToTheNextOne() {
    var noThreads = new AtomicBoolean(true);
    MemoryBus bus =
        new MemoryBus(
            task -> {
              if (noThreads.get()) {
                throw new OutOfMemoryError("unable to create a thread");
              }
              task.run();
            },
            BusLimits.defaults(),
            MemoryFaults.none(),
            metrics);
    listen(bus);
    bus.publish("c", message(1));
    assertThat(got).isEmpty();
    noThreads.set(false);
    bus.publish("c", message(2));
    assertThat(got).containsExactly(1, 2);
  }

  @Test
  void aMessagePublishedByAReceiverComesAfterTheOneBeforeIt() {
    MemoryBus bus = bus(BusLimits.defaults(), MemoryFaults.none());
    var _ =
        bus.subscribe(
            "c",
            false,
            payload -> {
              if (payload[0] < 3) {
                bus.publish("c", message(payload[0] + 1));
              }
              got.add(-payload[0]);
            });
    listen(bus);
    bus.publish("c", message(1));
    assertThat(got).containsExactly(-1, 1, -2, 2, -3, 3);
  }

  @Test
  void oneSeedGivesOneHistoryOfLossRepetitionAndReordering() {
    List<Integer> first = history(11);
    assertThat(history(11)).isEqualTo(first);
    assertThat(history(12)).isNotEqualTo(first);
    assertThat(first).isNotEqualTo(first.stream().sorted().toList());
    assertThat(first.stream().distinct().count()).isLessThan(100).isNotEqualTo(first.size());
  }

  private List<Integer> history(long seed) {
    got.clear();
    MemoryBus bus = bus(BusLimits.defaults(), new MemoryFaults(0.1, 0.1, 0.1, new Random(seed)));
    listen(bus);
    for (int i = 0; i < 100; i++) {
      bus.publish("c", message(i));
    }
    return List.copyOf(got);
  }

  @Test
  void aClosedSubscriptionHearsNothing() {
    MemoryBus bus = bus(BusLimits.defaults(), MemoryFaults.none());
    var subscription = bus.subscribe("c", true, payload -> got.add((int) payload[0]));
    bus.publish("c", message(1));
    subscription.close();
    bus.publish("c", message(2));
    assertThat(got).containsExactly(1);
  }
}
