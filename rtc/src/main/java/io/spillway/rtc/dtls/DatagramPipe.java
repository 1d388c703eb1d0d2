package io.spillway.rtc.dtls;

import io.spillway.core.bounded.Mailbox;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.tls.DatagramTransport;

/**
 * Datagrams from the loop to the handshake's thread and back. A peer that floods it loses its own
 * datagrams: 64 are kept, which is several flights.
 */
final class DatagramPipe implements DatagramTransport {
  private static final int CAPACITY = 64;
  private static final int RECEIVE_LIMIT = 2048;

  /** Below the smallest path that WebRTC reckons with, the headers of IPv6 and UDP taken off. */
  private static final int SEND_LIMIT = 1200;

  private static final int MOST_WAIT_MILLIS = 60_000;

  private final Mailbox<byte[]> arrived = Mailbox.bounded(CAPACITY, Mailbox.Overflow.DROP_NEWEST);
  private final TimeSource time;
  private final Consumer<byte[]> out;
  private volatile boolean closed;

  DatagramPipe(TimeSource time, Consumer<byte[]> out) {
    this.time = time;
    this.out = out;
  }

  /** Takes a copy of a datagram that came; never blocks. */
  void offer(byte[] buffer, int offset, int length) {
    arrived.offer(Arrays.copyOfRange(buffer, offset, offset + length));
  }

  boolean isEmpty() {
    return arrived.size() == 0;
  }

  /** Datagrams that found no room. */
  long dropped() {
    return arrived.dropped();
  }

  /** Lets whoever waits in {@link #receive} fail. */
  void abort() {
    closed = true;
    arrived.close();
  }

  @Override
  public int getReceiveLimit() {
    return RECEIVE_LIMIT;
  }

  @Override
  public int getSendLimit() {
    return SEND_LIMIT;
  }

  @Override
  public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
    int wait = Math.clamp(waitMillis, 1, MOST_WAIT_MILLIS);
    try {
      Optional<byte[]> datagram = arrived.take(Deadline.in(time, Duration.ofMillis(wait)));
      if (datagram.isEmpty()) {
        if (closed) {
          throw new IOException("the transport was closed");
        }
        return -1; // nothing in time, as DatagramReceiver wants it
      }
      int taken = Math.min(length, datagram.get().length);
      System.arraycopy(datagram.get(), 0, buffer, offset, taken);
      return taken;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for DTLS");
    }
  }

  @Override
  public void send(byte[] buffer, int offset, int length) {
    out.accept(Arrays.copyOfRange(buffer, offset, offset + length));
  }

  @Override
  public void close() {
    abort();
  }
}
