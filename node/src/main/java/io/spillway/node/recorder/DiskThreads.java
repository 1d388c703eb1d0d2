package io.spillway.node.recorder;

import java.util.concurrent.Executor;

/**
 * The threads of a node's files, in two kinds, so that what takes long never holds up what must
 * come each second. Each recording has at most one turn and one sync under way.
 *
 * @param quick frames to files, the start of a part: milliseconds on a healthy disk
 * @param longWork fsync, closing a file, rewriting an MP4, salvage: up to minutes
 */
public record DiskThreads(Executor quick, Executor longWork) {}
