package io.spillway.rpc;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Serves methods of one psrpc service. Thread-safe. Handlers run on virtual threads, as many at
 * once as the server's limit.
 */
public interface RpcServer extends AutoCloseable {
  /** Serves a method on a topic ({@code ""} for none), claiming every request with affinity 1. */
  default <Q extends Message, R extends Message> Registration serve(
      RpcMethod<Q, R> method, String topic, Handler<Q, R> handler) {
    return serve(method, topic, handler, request -> Bid.of(1));
  }

  /** Serves a method on a topic, bidding for each request. */
  <Q extends Message, R extends Message> Registration serve(
      RpcMethod<Q, R> method, String topic, Handler<Q, R> handler, Bidder<Q> bidder);

  /** The id under which this server claims. */
  String id();

  /** Stops taking requests, lets those under way end within {@code wait}, then cuts them. */
  void close(Duration wait);

  @Override
  default void close() {
    close(Duration.ZERO);
  }

  /**
   * Answers a request, or throws {@link RpcException} for an answer with that code; any other
   * exception becomes {@code internal}.
   */
  @FunctionalInterface
  interface Handler<Q, R> {
    R handle(Q request, Context context) throws InterruptedException;
  }

  /**
   * Decides how much a request is wanted. Called on the bus's reader: must be quick, must not
   * block.
   */
  @FunctionalInterface
  interface Bidder<Q> {
    Bid bid(Q request);
  }

  /**
   * A bid for a request.
   *
   * @param affinity higher wins, below 0: keep silent
   * @param delay how long the claim is held back (to let a less loaded server win)
   */
  record Bid(float affinity, Duration delay) {
    /** A bid sent at once. */
    public static Bid of(float affinity) {
      return new Bid(affinity, Duration.ZERO);
    }
  }

  /**
   * What came with a request.
   *
   * @param clientId of the caller
   * @param remaining until the caller gives up, by its own expiry
   */
  record Context(
      String requestId, String clientId, Map<String, String> metadata, Duration remaining) {}

  /** A method being served. */
  interface Registration extends AutoCloseable {
    @Override
    void close();

    /** Two that go together; where the second is refused, the first is closed too. */
    static Registration both(Registration first, Supplier<Registration> second) {
      try {
        Registration other = second.get();
        return () -> {
          first.close();
          other.close();
        };
      } catch (RuntimeException refused) {
        first.close();
        throw refused;
      }
    }
  }
}
