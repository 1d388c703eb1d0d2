package io.spillway.controller.frontdoor;

import io.spillway.rpc.MessageBus;

/**
 * The Redis of a livekit-server whose egress node the controllers are.
 *
 * @param bus on it; stays the caller's
 * @param where it is, for people
 */
public record DoorBus(MessageBus bus, String where) {}
