/**
 * psrpc's bytes on a channel: in and out, envelopes and the names of channels and ids, as
 * livekit/psrpc 0.7 has them on Redis. Never sends, waits or keeps anything.
 */
@NullMarked
package io.spillway.rpc.wire;

import org.jspecify.annotations.NullMarked;
