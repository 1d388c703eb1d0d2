package io.spillway.rtc.rtp;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Carries packets with loss, duplication, delay and therefore reordering, all from one seed. */
final class BadNetwork {
  /** Takes packets that arrive. */
  interface Receiver {
    void packet(byte[] buffer, int offset, int length, long nowNanos);
  }

  record Weather(double loss, double duplication, long delayNanos, long jitterNanos) {
    static Weather fine() {
      return new Weather(0, 0, 10_000_000L, 0);
    }

    static Weather bad(double loss, long jitterMillis) {
      return new Weather(loss, 0.02, 20_000_000L, jitterMillis * 1_000_000L);
    }
  }

  private static final class InFlight implements Comparable<InFlight> {
    private final long atNanos;
    private final long order;
    private final byte[] data;
    private final Receiver to;

    InFlight(long atNanos, long order, byte[] data, Receiver to) {
      this.atNanos = atNanos;
      this.order = order;
      this.data = data;
      this.to = to;
    }

    @Override
    public int compareTo(InFlight other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final SplittableRandom random;
  private final PriorityQueue<InFlight> inFlight = new PriorityQueue<>();
  private Weather weather;
  private long sent;
  long lost;

  BadNetwork(long seed, Weather weather) {
    random = new SplittableRandom(seed);
    this.weather = weather;
  }

  void weather(Weather next) {
    weather = next;
  }

  void send(byte[] buffer, int offset, int length, long nowNanos, Receiver to) {
    byte[] copy = Arrays.copyOfRange(buffer, offset, offset + length);
    if (random.nextDouble() < weather.loss) {
      lost++;
      return;
    }
    int copies = random.nextDouble() < weather.duplication ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long jitter = weather.jitterNanos == 0 ? 0 : random.nextLong(weather.jitterNanos);
      inFlight.add(new InFlight(nowNanos + weather.delayNanos + jitter, sent++, copy, to));
    }
  }

  /** Delivers what arrives until then; each packet lies in a buffer of its own with room. */
  void deliverUntil(long nowNanos) {
    while (!inFlight.isEmpty() && inFlight.peek().atNanos <= nowNanos) {
      InFlight packet = inFlight.remove();
      byte[] buffer = new byte[packet.data.length + 40];
      System.arraycopy(packet.data, 0, buffer, 7, packet.data.length);
      packet.to.packet(buffer, 7, packet.data.length, packet.atNanos);
      // The receiver must not keep the caller's buffer.
      Arrays.fill(buffer, (byte) 0x55);
    }
  }
}
