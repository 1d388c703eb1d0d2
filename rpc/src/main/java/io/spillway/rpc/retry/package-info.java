/**
 * The one retry layer over calls. In: a call with a deadline. Out: its answer, or the failure of
 * its last try, by that deadline. Never repeats what might have been done and must not be done
 * twice, and never more than its budget allows.
 */
@NullMarked
package io.spillway.rpc.retry;

import org.jspecify.annotations.NullMarked;
