/**
 * {@code bench tracks}: what Track egresses cost. In: how many at once, for how long. Out: figures
 * beside what they must be. Measures only; decides nothing but verdicts.
 */
@NullMarked
package io.spillway.bench.tracks;

import org.jspecify.annotations.NullMarked;
