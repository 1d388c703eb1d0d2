/**
 * What every process of ours that serves has in common. In: a checked configuration, what the
 * process opened. Out: a server that runs until the process is told to end, or a word to people why
 * it doesn't; its metrics. Knows nothing of what is served.
 */
@NullMarked
package io.spillway.app.process;

import org.jspecify.annotations.NullMarked;
