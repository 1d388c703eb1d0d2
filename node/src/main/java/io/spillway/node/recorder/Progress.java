package io.spillway.node.recorder;

/**
 * How far a recording is.
 *
 * @param seconds of media in the file
 * @param bytes in the file
 * @param lastMediaAgeNanos since the last frame came; -1 before the first
 */
public record Progress(double seconds, long bytes, long lastMediaAgeNanos) {}
