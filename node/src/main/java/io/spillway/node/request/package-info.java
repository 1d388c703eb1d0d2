/**
 * Requests as they come over RPC. In: {@code rpc.StartEgressRequest}, StopEgress, ListActiveEgress.
 * Out: a {@link io.spillway.node.request.TrackPlan} that says all a recorder needs, or a refusal
 * that names the field. Never records.
 */
@NullMarked
package io.spillway.node.request;

import org.jspecify.annotations.NullMarked;
