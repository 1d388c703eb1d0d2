/** Limits as types: queues that are never longer than said, retries that end. */
@NullMarked
package io.spillway.core.bounded;

import org.jspecify.annotations.NullMarked;
