/**
 * What is known of egresses. In: reports that nodes send over psrpc (service IOInfo). Out: rows in
 * the store, and lists of them for callers. A report is acknowledged only when it is durable, or
 * when it can never be wanted again. Never decides what an egress does next.
 */
@NullMarked
package io.spillway.controller.status;

import org.jspecify.annotations.NullMarked;
