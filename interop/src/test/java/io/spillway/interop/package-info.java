/**
 * The whole of Spillway against the real world. In: real servers, publishers and clients. Out:
 * files that any player opens, judged by FFmpeg. Never looks inside.
 */
@NullMarked
package io.spillway.interop;

import org.jspecify.annotations.NullMarked;
