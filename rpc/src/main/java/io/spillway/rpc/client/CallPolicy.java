package io.spillway.rpc.client;

import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcMethod;

/**
 * How one call chooses its server, with moments in nanoseconds of the client's {@link
 * io.spillway.rpc.pending.DueTimer}.
 *
 * @param claims servers claim before they run it
 * @param onlyServer at most one server gets the request (a queue), so its refusal is final
 * @param firstWins the first claim is taken
 * @param maximumAffinity a claim this good is taken at once; 0: none is
 * @param shortCircuitNanos after the first claim, how long a better one is waited for
 * @param selectUntilNanos when the best claim so far is taken at the latest
 * @param answerUntilNanos when the call ends at the latest
 */
record CallPolicy(
    boolean claims,
    boolean onlyServer,
    boolean firstWins,
    float maximumAffinity,
    long shortCircuitNanos,
    long selectUntilNanos,
    long answerUntilNanos) {

  static CallPolicy of(RpcMethod<?, ?> method, CallOptions options, long nowNanos) {
    long answerUntil = nowNanos + options.timeout().toNanos();
    return new CallPolicy(
        method.claims(),
        method.queue(),
        !method.affinity(),
        options.maximumAffinity(),
        options.shortCircuit().toNanos(),
        Math.min(answerUntil, nowNanos + options.selectionTimeout().toNanos()),
        answerUntil);
  }

  boolean takesAtOnce(float affinity) {
    return firstWins || (maximumAffinity > 0 && affinity >= maximumAffinity);
  }
}
