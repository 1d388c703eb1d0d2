package io.spillway.storage.journal;

import java.time.Duration;

/**
 * A journal's figures: since it was opened, where they count.
 *
 * @param depth records that wait for their acknowledgement now
 * @param oldestAge of these by the wall clock, since they were appended; zero when there are none
 * @param syncs fsyncs, rewrites included
 * @param memoryOnly records that were answered MEMORY_ONLY
 * @param superseded reports that gave way to a later one of their key
 * @param tornBytes cut off at opening, behind the last whole record
 * @param rewrites how often the file was written anew
 * @param fileBytes the file's size now
 * @param failing whether the last write failed, one has hung for too long, or the file is full
 * @param damaged whether the file was found damaged or could not be read at opening; it was kept
 *     aside
 */
public record JournalStats(
    int depth,
    Duration oldestAge,
    long appended,
    long acknowledged,
    long syncs,
    long memoryOnly,
    long superseded,
    long tornBytes,
    long rewrites,
    long fileBytes,
    boolean failing,
    boolean damaged) {}
