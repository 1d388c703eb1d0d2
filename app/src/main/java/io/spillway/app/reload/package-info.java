/**
 * A configuration that changes while its process serves. In: the configuration as it was and as it
 * is read now. Out: what of it is taken, and what waits for a restart, in the log. Never shows a
 * value.
 */
@NullMarked
package io.spillway.app.reload;

import org.jspecify.annotations.NullMarked;
