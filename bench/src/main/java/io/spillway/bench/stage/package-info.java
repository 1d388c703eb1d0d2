/**
 * The processes of a bench: Redis, livekit-server, publisher, controllers, nodes. In: programs of
 * this machine. Out: a room with tracks and who may record them. Leaves no process and no file
 * behind.
 */
@NullMarked
package io.spillway.bench.stage;

import org.jspecify.annotations.NullMarked;
