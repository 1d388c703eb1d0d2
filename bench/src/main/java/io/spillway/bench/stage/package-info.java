/**
 * The processes of a bench: server, publisher, node under test. In: programs of this machine. Out:
 * one room with two tracks and a node that may record them. Leaves no process and no file behind.
 */
@NullMarked
package io.spillway.bench.stage;

import org.jspecify.annotations.NullMarked;
