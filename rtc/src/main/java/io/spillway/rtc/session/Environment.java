package io.spillway.rtc.session;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.ice.PeerTransports;
import io.spillway.rtc.net.SelectorLoop;
import io.spillway.rtc.signal.Signalling;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What the sessions of one selector thread share.
 *
 * @param blocking runs what may block (the caller's token, name look-up), a virtual thread per task
 */
public record Environment(
    SelectorLoop loop,
    PeerTransports transports,
    Signalling signalling,
    JoinGate gate,
    ClassicServers classicServers,
    TimeSource time,
    RandomGenerator random,
    Executor blocking) {}
