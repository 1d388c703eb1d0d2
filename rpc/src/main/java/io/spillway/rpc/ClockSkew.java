package io.spillway.rpc;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far the peers' wall clocks are from ours, estimated from the {@code sent_at} of what they
 * send. Thread-safe.
 *
 * <p>Arrival minus {@code sent_at} is the offset plus the time under way. The time under way is
 * never negative and mostly tiny, so the smallest value of a window is the estimate: one message
 * held up by a paused Redis does not look like a wrong clock, unless it is the peer's only one.
 */
public final class ClockSkew {
  private final ConcurrentHashMap<String, Peer> peers = new ConcurrentHashMap<>();
  private final int mostPeers;
  private final long windowNanos;

  /**
   * Remembers at most {@code mostPeers}, each for {@code window} after its last message (see {@link
   * #forgetSilent}).
   */
  public ClockSkew(int mostPeers, Duration window) {
    this.mostPeers = mostPeers;
    this.windowNanos = window.toNanos();
  }

  /**
   * A peer's clock against ours.
   *
   * @param behind how far it is behind ours; negative: ahead
   */
  public record Offset(String peer, Duration behind) {}

  /**
   * Takes note of a message's {@code sent_at}; all in Unix nanoseconds by our wall clock. Zero is
   * "not filled in" and ignored.
   */
  public void observe(String peer, long sentAtUnixNanos, long nowUnixNanos) {
    if (sentAtUnixNanos <= 0) {
      return;
    }
    long behind = nowUnixNanos - sentAtUnixNanos;
    Peer known = peers.get(peer);
    if (known == null) {
      if (peers.size() >= mostPeers) {
        forgetSilent(nowUnixNanos);
      }
      if (peers.size() < mostPeers) {
        peers.put(peer, new Peer(behind, nowUnixNanos));
      }
    } else {
      known.heard(behind, nowUnixNanos);
    }
  }

  /**
   * Forgets the peers that said nothing for the window: one that has left is no reason to complain
   * for ever. To be called now and then; a Redis bus's watch does.
   */
  public void forgetSilent(long nowUnixNanos) {
    peers.values().removeIf(peer -> peer.isOver(peer.heardUnixNanos, nowUnixNanos));
  }

  /** The peers remembered, the one furthest from our clock first. */
  public List<Offset> all() {
    return peers.entrySet().stream()
        .map(entry -> new Offset(entry.getKey(), Duration.ofNanos(entry.getValue().behindNanos)))
        .sorted(Comparator.comparing((Offset offset) -> offset.behind().abs()).reversed())
        .toList();
  }

  /** The offset furthest from zero among the peers remembered. */
  public Optional<Offset> worst() {
    return all().stream().findFirst();
  }

  /** The worst offset if it is over {@code limit} either way: a line for people. */
  public Optional<String> complaint(Duration limit) {
    return worst()
        .filter(offset -> offset.behind().abs().compareTo(limit) > 0)
        .map(offset ->
            "the clock of "
                + offset.peer()
                + " is "
                + offset.behind().abs().toMillis()
                + " ms "
                + (offset.behind().isNegative() ? "ahead of" : "behind")
                + " ours");
  }

  /** Changed in place: each message of a peer comes by here. A lost race costs one estimate. */
  private final class Peer {
    private volatile long behindNanos;
    private volatile long sinceUnixNanos;
    private volatile long heardUnixNanos;

    Peer(long behindNanos, long nowUnixNanos) {
      this.behindNanos = behindNanos;
      this.sinceUnixNanos = nowUnixNanos;
      this.heardUnixNanos = nowUnixNanos;
    }

    void heard(long behind, long nowUnixNanos) {
      heardUnixNanos = nowUnixNanos;
      if (behind < behindNanos || isOver(sinceUnixNanos, nowUnixNanos)) {
        behindNanos = behind;
        sinceUnixNanos = nowUnixNanos;
      }
    }

    boolean isOver(long thenUnixNanos, long nowUnixNanos) {
      return Math.abs(nowUnixNanos - thenUnixNanos) > windowNanos;
    }
  }
}
