package io.spillway.store;

import com.google.protobuf.ByteString;
import io.spillway.protocol.livekit.EgressInfo;

/**
 * An egress as it is stored.
 *
 * @param info the last accepted report
 * @param epoch the newest epoch, from 1
 * @param sequence of the last accepted report of that epoch; 0 when there is none
 * @param node that made the last accepted report of that epoch; empty when there is none
 * @param region of that node; until there is one, where it was wished; empty: unknown
 * @param createdAtNanos Unix time in nanoseconds
 * @param updatedAtNanos of the last change, Unix time in nanoseconds
 * @param dispatcher the controller that looks for a node; empty when nobody does
 * @param sealedRequest the full request, sealed; empty once the egress has ended
 */
public record StoredEgress(
    EgressInfo info,
    int epoch,
    long sequence,
    String node,
    String region,
    long createdAtNanos,
    long updatedAtNanos,
    String dispatcher,
    ByteString sealedRequest) {}
