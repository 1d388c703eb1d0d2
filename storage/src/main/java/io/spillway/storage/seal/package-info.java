/**
 * Secrets at rest. In: requests with storage keys and stream keys in them. Out: bytes that only the
 * holder of the keys can read, for the spool and the store. Never writes anything but its own key
 * file.
 */
@NullMarked
package io.spillway.storage.seal;

import org.jspecify.annotations.NullMarked;
