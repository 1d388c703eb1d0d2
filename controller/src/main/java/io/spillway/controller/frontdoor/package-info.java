/**
 * The front door: the controllers of a fleet as the one egress node of a livekit-server. In: that
 * server's requests on its own Redis (EgressInternal, EgressHandler), and the events of the store's
 * outbox. Out: starts and stops by the same ways that the API takes, and reports to the server's
 * IOInfo. Never chooses a node and keeps nothing that the store doesn't have.
 */
@NullMarked
package io.spillway.controller.frontdoor;

import org.jspecify.annotations.NullMarked;
