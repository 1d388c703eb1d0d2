/**
 * The recordings under way, on disk, so that whoever starts after a crash can finish them. In:
 * parts and the sealed requests that led to them. Out: the same, found again at start. Never looks
 * into a recording, never decides what becomes of a part.
 */
@NullMarked
package io.spillway.storage.spool;

import org.jspecify.annotations.NullMarked;
