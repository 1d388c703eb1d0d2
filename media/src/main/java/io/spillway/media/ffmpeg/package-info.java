/**
 * FFmpeg's programs as child processes. In: the jar with the binaries, arguments, deadlines. Out:
 * exit codes, what a program said, what a file holds. Never loads native code into this process.
 */
@NullMarked
package io.spillway.media.ffmpeg;

import org.jspecify.annotations.NullMarked;
