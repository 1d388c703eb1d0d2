/**
 * {@code spillway node}: a recorder in the place of a livekit/egress container, under an unchanged
 * livekit-server, or one of a fleet under our controllers. In: a checked configuration and signals.
 * Out: a node on Redis, health and metrics pages. Also holds the recording half that {@code up}
 * shares. Only puts parts together; never decides about an egress.
 */
@NullMarked
package io.spillway.app.node;

import org.jspecify.annotations.NullMarked;
