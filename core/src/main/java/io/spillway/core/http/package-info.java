/**
 * HTTP exchanges with a deadline over all of them. In: a client, a request, a time limit. Out: the
 * whole answer or an IOException. Never retries, never logs.
 */
@NullMarked
package io.spillway.core.http;

import org.jspecify.annotations.NullMarked;
