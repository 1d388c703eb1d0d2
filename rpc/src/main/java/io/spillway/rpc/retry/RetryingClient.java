package io.spillway.rpc.retry;

import com.google.protobuf.Message;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcMetrics.RetryEnd;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client whose calls are tried again within their own time-out, by a {@link RetryRule} and a
 * {@link RetryBudget}. Thread-safe. The only place that repeats a call: never put one over another.
 *
 * <p>Not for a node's statuses: those are kept for a day, each egress in its own order, and go out
 * again at whatever error (node's StatusReporter); a budget would only hold them back.
 */
public final class RetryingClient implements RpcClient {
  private static final Logger log = LoggerFactory.getLogger(RetryingClient.class);

  private final RpcClient client;
  private final RetryRule rule;
  private final RetryBudget budget;
  private final TimeSource time;
  private final RandomGenerator random;
  private final RpcMetrics metrics;

  /**
   * @param budget may be shared by all clients of a process
   * @param random for the back-off; for this client alone
   */
  public RetryingClient(
      RpcClient client,
      RetryRule rule,
      RetryBudget budget,
      TimeSource time,
      RandomGenerator random,
      RpcMetrics metrics) {
    this.client = client;
    this.rule = rule;
    this.budget = budget;
    this.time = time;
    this.random = random;
    this.metrics = metrics;
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
    return call(method, topic, request, options, _ -> {});
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method,
      String topic,
      Q request,
      CallOptions options,
      Consumer<String> answeredBy) {
    Deadline deadline = Deadline.in(time, options.timeout());
    budget.called();
    for (int tries = 1; ; tries++) { // ends with the deadline
      try {
        return client.call(method, topic, request, attempt(options, deadline), answeredBy);
      } catch (RpcException failure) {
        if (!rule.repeats(method, failure, tries)) {
          throw failure;
        }
        tell(method, tries, failure);
        awaitNextTry(tries, deadline, failure);
      }
    }
  }

  /** The fourth failure, the eighth and so on: a call that is tried for a day is heard of. */
  private static void tell(RpcMethod<?, ?> method, int tries, RpcException failure) {
    if (tries >= 4 && Integer.bitCount(tries) == 1) {
      log.atInfo()
          .addKeyValue("method", method.service() + "." + method.name())
          .addKeyValue("tries", tries)
          .addKeyValue("code", failure.code().wire())
          .addKeyValue("error", failure.getMessage())
          .log("a call failed several times and is made again");
    }
  }

  private CallOptions attempt(CallOptions options, Deadline deadline) {
    Duration left = Duration.ofNanos(Math.max(1, deadline.remainingNanos()));
    Duration timeout = left.compareTo(rule.attempt()) < 0 ? left : rule.attempt();
    return options.lasting(timeout);
  }

  /**
   * Returns when it is time for the next try and the budget has one, or throws the last failure. A
   * spent budget is waited for: it says how many tries a second there may be, not that this call is
   * to fail while it has time.
   */
  private void awaitNextTry(int tries, Deadline deadline, RpcException failure) {
    boolean hadBudget = true;
    do {
      Duration wait = backoff(tries);
      if (wait.toNanos() >= deadline.remainingNanos()) {
        metrics.retry(hadBudget ? RetryEnd.NO_TIME : RetryEnd.OVER_BUDGET);
        throw failure;
      }
      pause(wait, failure);
      hadBudget = budget.take();
    } while (!hadBudget);
    metrics.retry(RetryEnd.MADE);
  }

  private Duration backoff(int tries) {
    synchronized (random) { // failures are rare
      return rule.backoff().after(tries, random);
    }
  }

  private void pause(Duration wait, RpcException failure) {
    try {
      time.pause(wait);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new RpcException(RpcCode.CANCELED, "canceled while waiting to try again", failure);
    }
  }

  /** Passed on as it is: what has been collected by the time-out is the answer. */
  @Override
  public <Q extends Message, R extends Message> List<R> callAll(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
    return client.callAll(method, topic, request, options);
  }

  @Override
  public void close() {
    client.close();
  }
}
