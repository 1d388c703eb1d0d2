package io.spillway.rtc.ice;

import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One address of the peer, and how our checks of it go. We have one socket, so a pair is a remote
 * address. Loop thread only.
 */
final class CandidatePair {
  static final long FIRST_RESEND_NANOS = 50_000_000;
  static final long MOST_RESEND_NANOS = 500_000_000;
  private static final int REMEMBERED = 8;

  /** A request that is under way. */
  static final class Request {
    private final byte[] id;
    final long sentNanos;
    final boolean nominates;
    final boolean controlling;

    private Request(byte[] id, long sentNanos, boolean nominates, boolean controlling) {
      this.id = id;
      this.sentNanos = sentNanos;
      this.nominates = nominates;
      this.controlling = controlling;
    }
  }

  final InetSocketAddress address;
  final long priority;

  /** When the next check is due. */
  long nextCheckNanos;

  /** A check was answered. */
  boolean succeeded;

  /** We control and have chosen it: its checks carry USE-CANDIDATE. */
  boolean nominating;

  /** When it was chosen. */
  long nominatingSinceNanos;

  /** The controlling peer has chosen it. */
  boolean nominatedByPeer;

  private final @Nullable Request[] requests = new Request[REMEMBERED];
  private int sent;
  private long resendNanos = FIRST_RESEND_NANOS;

  CandidatePair(InetSocketAddress address, long priority, long nowNanos) {
    this.address = address;
    this.priority = priority;
    this.nextCheckNanos = nowNanos;
  }

  /** A new request that carries a fresh transaction; the older ones may still be answered. */
  byte[] newRequest(long nowNanos, boolean controlling, RandomGenerator random) {
    byte[] id = new byte[StunMessage.TRANSACTION_BYTES];
    random.nextBytes(id);
    requests[sent++ % REMEMBERED] =
        new Request(id, nowNanos, controlling && nominating, controlling);
    return id;
  }

  /** Plans the next check after one was sent in the search for a path. */
  void backOff(long nowNanos) {
    nextCheckNanos = nowNanos + resendNanos;
    resendNanos = Math.min(resendNanos * 2, MOST_RESEND_NANOS);
  }

  /** Makes a check due at once. */
  void trigger(long nowNanos) {
    nextCheckNanos = nowNanos;
    resendNanos = FIRST_RESEND_NANOS;
  }

  /** The request that a response answers, forgotten with it; null when it is none of ours. */
  @Nullable Request answered(StunMessage response) {
    for (int i = 0; i < REMEMBERED; i++) {
      Request request = requests[i];
      if (request != null && response.isTransaction(request.id)) {
        requests[i] = null;
        return request;
      }
    }
    return null;
  }
}
