/**
 * Starts that a client may repeat without getting two. In: a start with the client's own key for
 * it. Out: one start, however often and to whichever controller it is sent. Never starts anything
 * itself.
 */
@NullMarked
package io.spillway.controller.idempotency;

import org.jspecify.annotations.NullMarked;
