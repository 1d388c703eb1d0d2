/**
 * Starts that clients may safely ask for twice. In: an API key, the client's own key for the start,
 * a hash of what it asked for. Out: whether it is the first of its kind. Never starts anything.
 */
@NullMarked
package io.spillway.store.keys;

import org.jspecify.annotations.NullMarked;
