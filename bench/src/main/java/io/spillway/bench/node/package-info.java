/**
 * Measures nodes under a livekit-server. In: the number of nodes and starts. Out: how long a start
 * takes from the API request to its stored status. Never changes what it measures.
 */
@NullMarked
package io.spillway.bench.node;

import org.jspecify.annotations.NullMarked;
