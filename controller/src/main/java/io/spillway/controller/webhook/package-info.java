/**
 * Tells the world what becomes of egresses, as livekit-server's webhooks do. In: what the outbox
 * holds. Out: signed POSTs, in order for each egress and address, until each is taken or a day has
 * passed. One address never holds another; nothing is told that isn't stored. Never changes an
 * egress.
 */
@NullMarked
package io.spillway.controller.webhook;

import org.jspecify.annotations.NullMarked;
