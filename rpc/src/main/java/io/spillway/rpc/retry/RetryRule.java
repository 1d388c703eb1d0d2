package io.spillway.rpc.retry;

import io.spillway.core.bounded.Backoff;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.fleet.FleetMethods;
import java.time.Duration;
import java.util.Set;

/**
 * When a call that failed is made again.
 *
 * @param attempt how long one try may take; the call's own time-out bounds all of them together
 * @param backoff between tries
 * @param tries at most, the first included
 * @param stubborn a method that may run twice is called again after every error but {@code
 *     not_found}: for questions that must have an answer
 */
public record RetryRule(Duration attempt, Backoff backoff, int tries, boolean stubborn) {
  /** What may be done twice without harm: statuses only go forward, questions change nothing. */
  private static final Set<RpcMethod<?, ?>> IDEMPOTENT =
      Set.of(
          EgressServices.CREATE_EGRESS,
          EgressServices.UPDATE_EGRESS,
          EgressServices.GET_EGRESS,
          EgressServices.LIST_EGRESS,
          EgressServices.UPDATE_METRICS,
          EgressServices.LIST_ACTIVE_EGRESS,
          FleetMethods.TAKE_UP);

  /** Checks that there is a try and time for it. */
  public RetryRule {
    if (tries < 1 || !attempt.isPositive()) {
      throw new IllegalArgumentException("a retry rule needs at least one try and time for it");
    }
  }

  /** Tries of a second and a half, as long as the call's time lasts. */
  public static RetryRule defaults() {
    return new RetryRule(
        Duration.ofMillis(1_500),
        new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2)),
        Integer.MAX_VALUE,
        false);
  }

  /** For a question that is asked until somebody answers it, or its time is over. */
  public static RetryRule untilAnswered(Duration attempt, Backoff backoff) {
    return new RetryRule(attempt, backoff, Integer.MAX_VALUE, true);
  }

  /**
   * Whether a method may run twice. StartEgress, StopEgress and UpdateStream may not: the second
   * StopEgress is answered with an error, the second URL is refused as known already.
   */
  static boolean isIdempotent(RpcMethod<?, ?> method) {
    return IDEMPOTENT.contains(method);
  }

  /** Whether to try again, apart from budget and time. */
  boolean repeats(RpcMethod<?, ?> method, RpcException failure, int triesMade) {
    boolean idempotent = isIdempotent(method);
    return triesMade < tries
        && !method.multi()
        && (idempotent || !failure.mayHaveRun())
        && (isSafe(failure.code(), idempotent) || (idempotent && isInsisted(failure.code())));
  }

  /** Answers that say all there is to say, and the caller's own end, stop the most stubborn. */
  private boolean isInsisted(RpcCode code) {
    return stubborn && code != RpcCode.NOT_FOUND && code != RpcCode.CANCELED;
  }

  /**
   * {@code unavailable} means that nothing was begun: no server claimed, or the request never left
   * (and a server that says so itself hasn't begun either), unless the failure says otherwise
   * ({@link RpcException#mayHaveRun}). After {@code deadline_exceeded} a server may have done the
   * work. All else is a server's answer, which a repetition won't change.
   */
  private static boolean isSafe(RpcCode code, boolean idempotent) {
    return switch (code) {
      case UNAVAILABLE -> true;
      case DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> idempotent;
      case CANCELED,
          MALFORMED_REQUEST,
          MALFORMED_RESULT,
          UNKNOWN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          NOT_ACCEPTABLE,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED,
          UNPROCESSABLE_ENTITY,
          UPSTREAM_SERVER_ERROR,
          UPSTREAM_CLIENT_ERROR ->
          false;
    };
  }
}
