package io.spillway.rtc.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.random.RandomGenerator;

/**
 * The local UDP ports that may be used.
 *
 * @param lowest lowest port, 0 for any
 * @param highest highest port, 0 for any
 */
public record UdpPorts(int lowest, int highest) {
  /** Checks the range. */
  public UdpPorts {
    boolean any = lowest == 0 && highest == 0;
    if (!any && (lowest < 1 || highest > 65535 || lowest > highest)) {
      throw new IllegalArgumentException(
          "need 1 <= lowest <= highest <= 65535 or both 0, was " + lowest + "-" + highest);
    }
  }

  /** Whatever the kernel gives. */
  public static UdpPorts any() {
    return new UdpPorts(0, 0);
  }

  /**
   * Binds the channel to a free port of the range on all addresses. Starts anywhere in the range,
   * so that many sockets don't all try the same busy ports first.
   *
   * @throws IOException when no port is free; says which range was tried
   */
  void bind(DatagramChannel channel, RandomGenerator random) throws IOException {
    if (lowest == 0) {
      channel.bind(new InetSocketAddress(0));
      return;
    }
    int count = highest - lowest + 1;
    int start = random.nextInt(count);
    for (int i = 0; i < count; i++) {
      if (isBound(channel, lowest + (start + i) % count)) {
        return;
      }
    }
    throw new IOException("no free UDP port in " + lowest + "-" + highest + ": widen the range");
  }

  private static boolean isBound(DatagramChannel channel, int port) throws IOException {
    try {
      channel.bind(new InetSocketAddress(port));
      return true;
    } catch (BindException taken) {
      return false;
    }
  }
}
