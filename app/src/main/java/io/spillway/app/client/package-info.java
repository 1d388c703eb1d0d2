/**
 * The HTTP API from the outside, as any LiveKit client sees it. In: an address, a key. Out: typed
 * answers, or an {@link io.spillway.app.client.ApiException} with the server's code and text. Never
 * reaches into a controller, even when it runs in the same process.
 */
@NullMarked
package io.spillway.app.client;

import org.jspecify.annotations.NullMarked;
