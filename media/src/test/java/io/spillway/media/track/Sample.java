package io.spillway.media.track;

/** One encoded frame of a test stream. */
@SuppressWarnings("ArrayRecordComponent")
record Sample(byte[] data, boolean key) {}
