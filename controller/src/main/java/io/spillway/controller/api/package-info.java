/**
 * The HTTP surface: LiveKit's Egress service over Twirp (protobuf and JSON), and plain JSON for our
 * own tools. In: requests of strangers, checked for size, time and token first. Out: answers and
 * errors in LiveKit's form. Never decides about an egress: that is {@code dispatch} and {@code
 * status}.
 */
@NullMarked
package io.spillway.controller.api;

import org.jspecify.annotations.NullMarked;
