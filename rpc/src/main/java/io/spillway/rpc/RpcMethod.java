package io.spillway.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;

/**
 * A psrpc method's name and manner (livekit/psrpc's RequestInfo).
 *
 * @param queue of several servers subscribed to the request channel, one takes each message
 * @param affinity the client collects claims and chooses the best; false with {@code claims}: the
 *     first claim wins
 * @param claims servers claim a request before they run it
 * @param multi every server answers; no claims
 */
public record RpcMethod<Q extends Message, R extends Message>(
    String service,
    String name,
    boolean claims,
    boolean queue,
    boolean affinity,
    boolean multi,
    Parser<Q> requestParser,
    Parser<R> responseParser) {}
