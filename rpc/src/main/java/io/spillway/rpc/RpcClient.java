package io.spillway.rpc;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Calls methods of one psrpc service. Thread-safe; a call blocks its (virtual) thread until its
 * deadline at most.
 */
public interface RpcClient extends AutoCloseable {
  /**
   * One request, one answer.
   *
   * @throws RpcException with the server's code, or {@link RpcCode#UNAVAILABLE} / {@link
   *     RpcCode#DEADLINE_EXCEEDED} by the deadline
   */
  <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options);

  /**
   * The same, and tells {@code answeredBy} the id of the server that answered, also when it
   * answered with an error; on the caller's thread, before this returns or throws. A client that
   * can't know it tells nothing.
   */
  default <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method,
      String topic,
      Q request,
      CallOptions options,
      Consumer<String> answeredBy) {
    return call(method, topic, request, options);
  }

  /**
   * The same for a method with claims, of which {@code bidding} says what each is worth, and hears
   * who was chosen. A client that knows no claims tells nothing.
   */
  default <Q extends Message, R extends Message> R call(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options, Bidding bidding) {
    return call(method, topic, request, options, bidding::answered);
  }

  /**
   * A multi request: every answer that came until the time-out.
   *
   * @throws RpcException when it could not be sent, or was cut before its time was up ({@link
   *     RpcCode#UNAVAILABLE} by a rebuild of the client, {@link RpcCode#CANCELED} by its end)
   */
  <Q extends Message, R extends Message> List<R> callAll(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options);

  /** The same, each answer with its server's id; empty from a client that can't know it. */
  default <Q extends Message, R extends Message> List<From<R>> callEach(
      RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
    return callAll(method, topic, request, options).stream()
        .map(answer -> new From<>("", answer))
        .toList();
  }

  /** An answer and the id of the server that gave it. */
  record From<R>(String serverId, R answer) {}

  /** Whoever looks at the claims for one call. */
  interface Bidding {
    /**
     * What a server's claim counts for, instead of the affinity that it names; 0 or less: it is not
     * chosen. Called on the bus's reader: must be quick, must not block.
     */
    float worth(String serverId, float affinity);

    /** This server was chosen and is told to carry the request out. Called as {@link #worth}. */
    void chosen(String serverId);

    /** It answered, perhaps with an error; on the caller's thread, before the call ends. */
    void answered(String serverId);
  }

  @Override
  void close();

  /**
   * How long, and what travels along.
   *
   * @param timeout for the whole call
   * @param selectionTimeout how long claims are waited for (psrpc: 1 s)
   * @param shortCircuit after the first claim, how long a better one is waited for (psrpc: 200 ms;
   *     StartEgress 500 ms)
   * @param maximumAffinity a claim this good is taken at once; 0 or less: none
   * @param metadata sent with the request
   */
  record CallOptions(
      Duration timeout,
      Duration selectionTimeout,
      Duration shortCircuit,
      float maximumAffinity,
      Map<String, String> metadata) {
    /** psrpc's defaults with this time-out. */
    public static CallOptions within(Duration timeout) {
      return new CallOptions(timeout, Duration.ofSeconds(1), Duration.ofMillis(200), 0, Map.of());
    }

    /** The same with another time-out. */
    public CallOptions lasting(Duration timeout) {
      return new CallOptions(timeout, selectionTimeout, shortCircuit, maximumAffinity, metadata);
    }

    /** The same with other metadata. */
    public CallOptions withMetadata(Map<String, String> metadata) {
      return new CallOptions(
          timeout, selectionTimeout, shortCircuit, maximumAffinity, Map.copyOf(metadata));
    }

    /**
     * The same for a method with affinity, a claim of {@code maximumAffinity} being taken at once.
     */
    public CallOptions withAffinity(float maximumAffinity, Duration shortCircuit) {
      return new CallOptions(timeout, selectionTimeout, shortCircuit, maximumAffinity, metadata);
    }
  }
}
