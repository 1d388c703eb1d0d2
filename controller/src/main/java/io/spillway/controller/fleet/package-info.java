/**
 * The nodes as this controller sees them. In: leases over HTTP, answers to canaries over psrpc,
 * what other controllers say. Out: who is well, who is in service, which node gets a start, orders
 * to nodes. Keeps no state that one lease period can't rebuild; only changes of health go to the
 * store. Never starts, stops or moves an egress.
 */
@NullMarked
package io.spillway.controller.fleet;

import org.jspecify.annotations.NullMarked;
