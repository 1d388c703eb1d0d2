package io.spillway.rtc.ice;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A full ICE agent with one component and one socket (RFC 8445), and consent (RFC 7675). It has no
 * clock, socket or thread: datagrams and the time come in, datagrams and events go out.
 *
 * <pre>
 * WAITING   remote()                                  → CHECKING
 * CHECKING  a pair is answered and nominated          → CONNECTED   (selected)
 * CHECKING  nothing in 15 s                           → FAILED      (failed)
 * CONNECTED 5 s without an answer                     → CONNECTED   (interrupted; recovered later)
 * CONNECTED 30 s without an answer                    → FAILED      (failed)
 * CONNECTED restart()                                 → CHECKING    (the old path stays in use)
 * </pre>
 *
 * <p>Nomination: as the controlling side we check without USE-CANDIDATE, then nominate the best
 * pair that answered; where only one pair is known its first check nominates, which saves a round
 * trip. Not on every pair at once: pion takes each nomination that it hears, and the two sides
 * could end on different pairs. As the controlled side we take what the peer nominates once our own
 * check of it is answered.
 *
 * <p>The file is long because it alone changes the agent's state.
 */
final class IceAgent {
  static final long CHECKING_NANOS = 15_000_000_000L;
  static final long INTERRUPTED_NANOS = 5_000_000_000L;
  static final long CONSENT_LOST_NANOS = 30_000_000_000L;
  static final long CONSENT_INTERVAL_NANOS = 2_500_000_000L;
  static final long CONSENT_RESEND_NANOS = 500_000_000L;
  static final int ROLE_CONFLICT = 487;

  /** Pace of checks (Ta, RFC 8445 section 14.2; 5 ms is the least that it allows). */
  private static final long PACE_NANOS = 5_000_000L;

  /** How long a better pair may take after the first answer before we nominate without it. */
  private static final long NOMINATION_WAIT_NANOS = 50_000_000L;

  /**
   * How long a nomination may go unanswered before another pair is tried. On a host with several
   * addresses livekit-server drops about one nomination in fifty; with a second here those joins
   * took over a second. A slow path loses nothing: whichever nomination is answered first counts.
   */
  private static final long NOMINATION_TRY_NANOS = 150_000_000L;

  private static final long NEVER = Long.MAX_VALUE;

  /** Where the agent stands. */
  enum Phase {
    WAITING,
    CHECKING,
    CONNECTED,
    FAILED
  }

  /** What the agent wants done. */
  interface Out {
    void send(byte[] packet, InetSocketAddress to);

    /** Data goes there from now on; again after a restart or when the peer chooses anew. */
    void selected(InetSocketAddress remote);

    void interrupted();

    void recovered();

    void failed(String why);
  }

  private final RandomGenerator random;
  private final Out out;
  private long tieBreaker;
  private boolean controlling;
  private Phase phase = Phase.WAITING;
  private IceGeneration current;
  private @Nullable IceGeneration previous;
  private @Nullable IceGeneration next;
  private @Nullable CandidatePair selected;
  private boolean interrupted;
  private long phaseSinceNanos;
  private long lastSentNanos;
  private long firstAnswerNanos = NEVER;
  private long lastAnswerNanos;
  private long nextConsentNanos;
  private long roundTripNanos;

  IceAgent(IceCredentials local, RandomGenerator random, Out out) {
    this.current = new IceGeneration(local);
    this.random = random;
    this.out = out;
    this.tieBreaker = random.nextLong();
  }

  Phase phase() {
    return phase;
  }

  /** Smoothed round trip of checks, 0 before the first answer. */
  long roundTripNanos() {
    return roundTripNanos;
  }

  boolean isControlling() {
    return controlling;
  }

  /** Whether the peer told this address, or proved to be there. */
  boolean isKnown(InetSocketAddress address) {
    return current.find(address) != null || (previous != null && previous.find(address) != null);
  }

  /** Starts checking. */
  void remote(IceCredentials remote, boolean weControl, long nowNanos) {
    controlling = weControl;
    begin(remote, nowNanos);
  }

  /** Credentials for a restart to come; the peer may use them before {@link #restart}. */
  void prepareRestart(IceCredentials local) {
    next = new IceGeneration(local);
  }

  /**
   * Checks anew with the prepared credentials, or the old ones if none were. The roles stay (RFC
   * 8445 section 6.1.1), the path in use too until another is found.
   */
  void restart(IceCredentials remote, long nowNanos) {
    previous = current;
    current = next == null ? new IceGeneration(current.local) : next;
    next = null;
    selected = null;
    begin(remote, nowNanos);
  }

  private void begin(IceCredentials remote, long nowNanos) {
    current.setRemote(remote, nowNanos);
    firstAnswerNanos = NEVER;
    phase = Phase.CHECKING;
    phaseSinceNanos = nowNanos;
    lastSentNanos = nowNanos - PACE_NANOS;
  }

  void addCandidate(Candidate candidate, long nowNanos) {
    var unusedPair = current.findOrAdd(candidate.address(), candidate.priority(), nowNanos);
  }

  /** Does what is due; returns when it wants to be called next. */
  long tick(long nowNanos) {
    return switch (phase) {
      case WAITING, FAILED -> nowNanos + CHECKING_NANOS;
      case CHECKING -> check(nowNanos);
      case CONNECTED -> keepConsent(nowNanos);
    };
  }

  private long check(long nowNanos) {
    long deadline = phaseSinceNanos + CHECKING_NANOS;
    if (nowNanos - deadline >= 0) {
      fail(
          "no path to the peer in %d s: %d of its addresses tried, %d answered"
              .formatted(
                  CHECKING_NANOS / 1_000_000_000L,
                  current.pairs().size(),
                  current.pairs().stream().filter(pair -> pair.succeeded).count()));
      return nowNanos + CHECKING_NANOS;
    }
    nominate(nowNanos);
    CandidatePair due = mostOverdue();
    if (due == null) {
      return deadline;
    }
    long at = later(due.nextCheckNanos, lastSentNanos + PACE_NANOS);
    if (nowNanos - at >= 0) {
      lastSentNanos = nowNanos;
      sendCheck(due, nowNanos);
      due.backOff(nowNanos);
      return nowNanos + PACE_NANOS;
    }
    return at - deadline < 0 ? at : deadline;
  }

  /** The pair whose check has been due longest; of several new ones that of highest priority. */
  private @Nullable CandidatePair mostOverdue() {
    CandidatePair first = null;
    for (CandidatePair pair : current.pairs()) {
      boolean wanted = !pair.succeeded || pair.nominating;
      if (wanted && (first == null || pair.nextCheckNanos - first.nextCheckNanos < 0)) {
        first = pair;
      }
    }
    return first;
  }

  private static long later(long left, long right) {
    return left - right > 0 ? left : right;
  }

  /** As the controlling side: chooses the pair, see the class comment. */
  private void nominate(long nowNanos) {
    if (!controlling || current.pairs().isEmpty() || isNominationUnderWay(nowNanos)) {
      return;
    }
    CandidatePair best = current.pairs().getFirst();
    boolean onlyOne = current.pairs().size() == 1;
    boolean waited =
        firstAnswerNanos != NEVER && nowNanos - firstAnswerNanos >= NOMINATION_WAIT_NANOS;
    if (!onlyOne && !best.succeeded && !waited) {
      return;
    }
    for (CandidatePair pair : current.pairs()) {
      if ((pair.succeeded || onlyOne) && !pair.nominating) {
        pair.nominating = true;
        pair.nominatingSinceNanos = nowNanos;
        pair.trigger(nowNanos);
        return;
      }
    }
  }

  private boolean isNominationUnderWay(long nowNanos) {
    for (CandidatePair pair : current.pairs()) {
      if (pair.nominating && nowNanos - pair.nominatingSinceNanos < NOMINATION_TRY_NANOS) {
        return true;
      }
    }
    return false;
  }

  private long keepConsent(long nowNanos) {
    CandidatePair pair = selected;
    if (pair == null) {
      throw new IllegalStateException("connected without a pair");
    }
    long silentNanos = nowNanos - lastAnswerNanos;
    if (silentNanos >= CONSENT_LOST_NANOS) {
      fail("the peer has not answered for %d s".formatted(silentNanos / 1_000_000_000L));
      return nowNanos + CHECKING_NANOS;
    }
    if (silentNanos >= INTERRUPTED_NANOS && !interrupted) {
      interrupted = true;
      out.interrupted();
    }
    if (nowNanos - nextConsentNanos >= 0) {
      sendCheck(pair, nowNanos);
      nextConsentNanos = nowNanos + CONSENT_RESEND_NANOS; // an answer puts it off
    }
    return nextConsentNanos;
  }

  private void fail(String why) {
    phase = Phase.FAILED;
    out.failed(why);
  }

  private void sendCheck(CandidatePair pair, long nowNanos) {
    IceCredentials remote = current.remote();
    if (remote == null) {
      return;
    }
    byte[] id = pair.newRequest(nowNanos, controlling, random);
    StunWriter request =
        new StunWriter(StunMessage.BINDING_REQUEST, id)
            .username(remote.ufrag() + ":" + current.local.ufrag())
            .priority(Candidate.peerReflexivePriority())
            .role(
                controlling ? StunMessage.ICE_CONTROLLING : StunMessage.ICE_CONTROLLED, tieBreaker);
    if (controlling && pair.nominating) {
      request.useCandidate();
    }
    out.send(request.finish(remote.password()), pair.address);
  }

  /**
   * Takes a STUN message.
   *
   * @return whether it was one that the peer may send; others are dropped without an answer
   */
  boolean received(StunMessage message, InetSocketAddress from, long nowNanos) {
    return switch (message.type()) {
      case StunMessage.BINDING_REQUEST -> request(message, from, nowNanos);
      case StunMessage.BINDING_SUCCESS, StunMessage.BINDING_ERROR ->
          response(message, from, nowNanos);
      default -> false;
    };
  }

  private boolean request(StunMessage request, InetSocketAddress from, long nowNanos) {
    IceGeneration generation = addressed(request.username().orElse("")).orElse(null);
    if (generation == null || !request.isAuthentic(generation.local.password())) {
      return false; // RFC 8489 wants an error; silence tells a scanner nothing
    }
    StunWriter answer = new StunWriter(StunMessage.BINDING_SUCCESS, request.transaction());
    if (hasRoleConflict(request)) {
      answer = new StunWriter(StunMessage.BINDING_ERROR, request.transaction());
      out.send(
          answer.error(ROLE_CONFLICT, "Role Conflict").finish(generation.local.password()), from);
      return true;
    }
    out.send(answer.mappedAddress(from).finish(generation.local.password()), from);
    CandidatePair pair = generation.findOrAdd(from, request.priority().orElse(0), nowNanos);
    if (pair != null) {
      learnFrom(request, generation, pair, nowNanos);
    }
    return true;
  }

  private void learnFrom(
      StunMessage request, IceGeneration generation, CandidatePair pair, long nowNanos) {
    boolean isCurrent = generation.equals(current);
    if (isCurrent && phase == Phase.CHECKING && !pair.succeeded) {
      pair.trigger(nowNanos); // RFC 8445 section 7.3.1.4: the peer reaches us, so try at once
    }
    if (request.hasUseCandidate() && !controlling) {
      pair.nominatedByPeer = true;
      if (isCurrent && pair.succeeded) {
        nominated(pair, nowNanos);
      } else if (isCurrent && phase == Phase.CONNECTED) {
        sendCheck(pair, nowNanos); // it wants another address: taken once that answers
      }
    }
  }

  private Optional<IceGeneration> addressed(String username) {
    if (current.isAddressed(username)) {
      return Optional.of(current);
    }
    if (next != null && next.isAddressed(username)) {
      return Optional.of(next);
    }
    return Optional.ofNullable(previous).filter(old -> old.isAddressed(username));
  }

  /**
   * Two agents that claim one role (RFC 8445 section 7.3.1.1): the larger tie-breaker controls.
   *
   * @return whether the peer is the one that must change; otherwise we have
   */
  private boolean hasRoleConflict(StunMessage request) {
    int sameRole = controlling ? StunMessage.ICE_CONTROLLING : StunMessage.ICE_CONTROLLED;
    var theirs = request.tieBreaker(sameRole);
    if (theirs.isEmpty() || phase == Phase.WAITING) {
      return false;
    }
    boolean oursIsLarger = Long.compareUnsigned(tieBreaker, theirs.getAsLong()) >= 0;
    if (oursIsLarger == controlling) {
      return true;
    }
    controlling = !controlling;
    return false;
  }

  private boolean response(StunMessage response, InetSocketAddress from, long nowNanos) {
    CandidatePair pair = current.find(from);
    IceCredentials remote = current.remote();
    if (pair == null || remote == null || !response.isAuthentic(remote.password())) {
      return false;
    }
    CandidatePair.Request request = pair.answered(response);
    if (request == null) {
      return false;
    }
    if (response.type() == StunMessage.BINDING_ERROR) {
      refused(response, request, pair, nowNanos);
    } else {
      answered(request, pair, nowNanos);
    }
    return true;
  }

  private void refused(
      StunMessage response, CandidatePair.Request request, CandidatePair pair, long nowNanos) {
    if (response.errorCode() == ROLE_CONFLICT && request.controlling == controlling) {
      controlling = !controlling;
      tieBreaker = random.nextLong();
      pair.trigger(nowNanos);
    }
  }

  private void answered(CandidatePair.Request request, CandidatePair pair, long nowNanos) {
    long tripNanos = nowNanos - request.sentNanos;
    roundTripNanos = roundTripNanos == 0 ? tripNanos : (7 * roundTripNanos + tripNanos) / 8;
    pair.succeeded = true;
    if (firstAnswerNanos == NEVER) {
      firstAnswerNanos = nowNanos;
    }
    if (controlling ? request.nominates : pair.nominatedByPeer) {
      nominated(pair, nowNanos);
    } else if (phase == Phase.CHECKING) {
      nominate(nowNanos);
    }
    if (pair.equals(selected)) {
      consentGiven(nowNanos);
    }
  }

  /**
   * A pair that works is nominated. Where another one is in use already, the better of the two
   * stays, unless it has gone silent: a peer with aggressive nomination (RFC 5245) names several.
   */
  private void nominated(CandidatePair pair, long nowNanos) {
    CandidatePair inUse = selected;
    boolean replaces =
        inUse == null
            || (!pair.equals(inUse)
                && (pair.priority >= inUse.priority
                    || nowNanos - lastAnswerNanos > CONSENT_INTERVAL_NANOS * 2));
    if (!replaces) {
      return;
    }
    boolean wasRestart = previous != null;
    selected = pair;
    previous = null;
    phase = Phase.CONNECTED;
    out.selected(pair.address);
    interrupted |= wasRestart;
    consentGiven(nowNanos);
  }

  private void consentGiven(long nowNanos) {
    lastAnswerNanos = nowNanos;
    // RFC 7675 section 5.1: at random between 0.8 and 1.2 of the interval
    nextConsentNanos = nowNanos + (long) (CONSENT_INTERVAL_NANOS * random.nextDouble(0.8, 1.2));
    if (interrupted) {
      interrupted = false;
      out.recovered();
    }
  }
}
