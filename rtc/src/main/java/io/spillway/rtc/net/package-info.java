/**
 * The sockets of all tracks on one thread. In: datagrams from the kernel, tasks and timers from any
 * thread. Out: calls to the owner of each socket, always on that thread. Never waits for anything
 * but the selector, never looks inside a packet, never allocates per packet.
 */
@NullMarked
package io.spillway.rtc.net;

import org.jspecify.annotations.NullMarked;
