/**
 * Where recordings end up. In: what a request says about names and folders, bytes to keep. Out:
 * safe storage paths, claimed local files, manifests. Knows nothing of egress states, rooms'
 * contents or RPC; plain values only.
 */
@NullMarked
package io.spillway.storage;

import org.jspecify.annotations.NullMarked;
