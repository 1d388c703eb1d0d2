/**
 * One participant in a room: joins, subscribes (or publishes), repairs its connection, ends. In:
 * signalling messages, the transport's news, time. Out: a track's events, signalling requests. The
 * decisions are pure ({@link io.spillway.rtc.session.SessionMachine}); the rest carries them out on
 * one selector thread. Never reads a media payload, never decides what an end means for an egress.
 */
@NullMarked
package io.spillway.rtc.session;

import org.jspecify.annotations.NullMarked;
