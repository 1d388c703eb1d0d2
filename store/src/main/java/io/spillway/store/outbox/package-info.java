/**
 * Events of egresses and who has yet to hear of them. In: an accepted change, with the addresses
 * that a router names for it, in the change's own transaction. Out: deliveries that are due, in
 * order for each egress and address. Never sends anything.
 */
@NullMarked
package io.spillway.store.outbox;

import org.jspecify.annotations.NullMarked;
