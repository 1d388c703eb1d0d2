/**
 * What may be asked for. In: LiveKit's start requests, v1 and v2. Out: a checked wish, or an error
 * that names the field; and the same request without its secrets. Pure: no I/O, no clock.
 */
@NullMarked
package io.spillway.controller.request;

import org.jspecify.annotations.NullMarked;
