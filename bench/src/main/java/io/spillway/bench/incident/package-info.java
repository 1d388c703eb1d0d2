/**
 * The incident, replayed on real processes. In: how many starts and which faults. Out: what became
 * of each start, how soon each fault was noticed and mended, beside the incident's own figures.
 * Never switches anything inside what is shipped: faults come from outside, but for one, which a
 * composition root of this bench puts in.
 */
@NullMarked
package io.spillway.bench.incident;

import org.jspecify.annotations.NullMarked;
