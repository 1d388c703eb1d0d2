package io.spillway.controller.gonode;

import io.spillway.core.fleet.Health;
import java.time.Duration;

/**
 * A livekit/egress node as it stands now, for people.
 *
 * @param serverId under which it claims starts
 * @param clientId from which its reports come; empty until a start of ours has led to one
 * @param reason why it has this health; empty when it is well
 * @param ejected its claims are never chosen
 * @param heardFor since when nothing was heard of it
 * @param oldestStatus since when the final status of an egress is awaited that it lists no more
 * @param egresses that it listed last
 */
public record GoNodeView(
    String serverId,
    String clientId,
    Health health,
    String reason,
    boolean ejected,
    Duration heardFor,
    Duration oldestStatus,
    int egresses) {}
