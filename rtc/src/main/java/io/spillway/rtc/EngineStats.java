package io.spillway.rtc;

/**
 * Counters of an engine.
 *
 * @param subscriptions under way now
 * @param joinsWaiting for their turn now
 * @param packetsReceived datagrams read since the start
 * @param failures tasks and packet handlers that threw since the start: each a bug
 */
public record EngineStats(
    int subscriptions, int joinsWaiting, long packetsReceived, long failures) {}
