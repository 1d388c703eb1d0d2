/**
 * One egress being recorded. In: a plan, frames from {@code rtc}. Out: a file through {@code
 * media}, and its status at every step. Each recorder takes turns on the node's threads for files;
 * the packet path only ever copies into its {@link io.spillway.node.recorder.FrameQueue}. Never
 * decides where an egress runs, never speaks RPC itself.
 */
@NullMarked
package io.spillway.node.recorder;

import org.jspecify.annotations.NullMarked;
