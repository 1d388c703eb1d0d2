package io.spillway.rtc.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.random.RandomGenerator;

/**
 * One UDP socket on a {@link SelectorLoop}, for both address families where the machine has both.
 *
 * <p>It stays unconnected on purpose: connecting throws away what waits in the socket, hides
 * packets of a peer that moves to another address, and gains nothing here, since the JDK keeps the
 * last sender's address object and so doesn't allocate per packet.
 */
public final class UdpSocket implements SelectorLoop.Source {
  /** The owner of a socket; called on the loop. */
  public interface Handler {
    /**
     * A datagram came. The buffer is the loop's own: valid during the call only, may be changed,
     * and has {@link SelectorLoop#ROOM_BEHIND_BYTES} bytes of room behind.
     */
    void datagram(byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos);

    /** Reading failed, or {@link #datagram} threw: the owner should close. */
    void broken(Throwable cause);
  }

  private final SelectorLoop loop;
  private final DatagramChannel channel;
  private final Handler handler;
  private final int localPort;
  private final Counter oversized = new Counter();
  private final Counter sendDropped = new Counter();
  private final Counter sendFailed = new Counter();
  private boolean closed;

  private UdpSocket(SelectorLoop loop, DatagramChannel channel, Handler handler)
      throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.handler = handler;
    this.localPort = ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  /**
   * Binds a socket; nothing is read before {@link #start}. Any thread.
   *
   * @param receiveBufferBytes asked for; the kernel caps it
   * @throws IOException when the machine gives no socket or no port
   */
  public static UdpSocket open(
      SelectorLoop loop,
      UdpPorts ports,
      int receiveBufferBytes,
      RandomGenerator random,
      Handler handler)
      throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
      ports.bind(channel, random);
      return new UdpSocket(loop, channel, handler);
    } catch (IOException | RuntimeException cause) {
      channel.close();
      throw cause;
    }
  }

  /** Hands datagrams to the handler from now on; loop thread only. */
  public void start() {
    try {
      if (!closed) {
        loop.register(channel, this);
      }
    } catch (IOException cause) {
      handler.broken(cause);
    }
  }

  /** The bound port. */
  public int localPort() {
    return localPort;
  }

  /**
   * Sends one datagram; loop thread only. Never waits: what the kernel doesn't take at once is
   * dropped and counted.
   *
   * @return whether the kernel took it
   */
  public boolean send(byte[] buffer, int offset, int length, InetSocketAddress to) {
    if (closed || length > loop.sendBuffer.capacity()) {
      sendDropped.increment();
      return false;
    }
    ByteBuffer direct = loop.sendBuffer.clear().put(buffer, offset, length).flip();
    try {
      if (channel.send(direct, to) == 0) {
        sendDropped.increment();
        return false;
      }
      return true;
    } catch (IOException | UnsupportedAddressTypeException unreachable) {
      sendFailed.increment(); // no route, or no IPv6 here: for ICE an address that never answers
      return false;
    }
  }

  /** Datagrams dropped because they were larger than {@link SelectorLoop#MAX_DATAGRAM_BYTES}. */
  public long oversized() {
    return oversized.get();
  }

  /** Datagrams that the kernel had no room for, or that came after the close. */
  public long sendDropped() {
    return sendDropped.get();
  }

  /** Datagrams that the kernel refused (no route). */
  public long sendFailed() {
    return sendFailed.get();
  }

  /** Closes the socket; loop thread only. */
  public void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException cause) {
      sendFailed.increment(); // the descriptor is gone in any case
    }
  }

  @Override
  public int read(int most) throws IOException {
    int count = 0;
    while (count < most && !closed) {
      ByteBuffer direct = loop.readBuffer.clear();
      InetSocketAddress from = (InetSocketAddress) channel.receive(direct);
      if (from == null) {
        break;
      }
      count++;
      int length = direct.flip().remaining();
      if (length > SelectorLoop.MAX_DATAGRAM_BYTES) {
        oversized.increment();
        continue;
      }
      direct.get(loop.datagram, 0, length);
      handler.datagram(loop.datagram, 0, length, from, loop.nanos());
    }
    return count;
  }

  @Override
  public void broken(Throwable cause) {
    handler.broken(cause);
  }
}
