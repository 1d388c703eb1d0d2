package io.spillway.rtc.ice;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one pair of credentials: an ICE restart starts a new one. Holds the peer's
 * addresses, those it told and those it was seen at. Loop thread only.
 */
final class IceGeneration {
  /** More addresses than any peer has; a peer that names more has the rest ignored. */
  static final int MOST_PAIRS = 32;

  final IceCredentials local;
  private final List<CandidatePair> pairs = new ArrayList<>(4);
  private @Nullable IceCredentials remote;

  IceGeneration(IceCredentials local) {
    this.local = local;
  }

  @Nullable IceCredentials remote() {
    return remote;
  }

  void setRemote(IceCredentials credentials, long nowNanos) {
    remote = credentials;
    pairs.forEach(pair -> pair.trigger(nowNanos));
  }

  /** All pairs, the highest priority first. */
  List<CandidatePair> pairs() {
    return pairs;
  }

  @Nullable CandidatePair find(InetSocketAddress address) {
    for (CandidatePair pair : pairs) {
      if (pair.address.equals(address)) {
        return pair;
      }
    }
    return null;
  }

  /** The pair with that address, new unless known; null when there are too many. */
  @Nullable CandidatePair findOrAdd(InetSocketAddress address, long priority, long nowNanos) {
    CandidatePair known = find(address);
    if (known != null || pairs.size() >= MOST_PAIRS) {
      return known;
    }
    CandidatePair pair = new CandidatePair(address, priority, nowNanos);
    pairs.add(pair);
    pairs.sort(Comparator.comparingLong((CandidatePair each) -> each.priority).reversed());
    return pair;
  }

  /** Whether a request's USERNAME names this generation: "our fragment:their fragment". */
  boolean isAddressed(String username) {
    return username.startsWith(local.ufrag() + ":");
  }
}
