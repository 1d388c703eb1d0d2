package io.spillway.storage.journal;

import java.time.Duration;

/**
 * Limits of a journal.
 *
 * @param syncGap at most one fsync in this time
 * @param retryAfter how long a failing disk is left alone before the whole journal is written anew
 * @param hungAfter how long a write may take; from then on the disk counts as failing, and nobody
 *     waits for it until the write has ended
 * @param compactAboveBytes below this size the file is never rewritten
 * @param mostBytes the file's bound; what doesn't fit is kept in memory only
 * @param mostRecords from here on, reports that a later one of their key replaces give way
 */
public record JournalSettings(
    Duration syncGap,
    Duration retryAfter,
    Duration hungAfter,
    long compactAboveBytes,
    long mostBytes,
    int mostRecords) {
  /**
   * 5 ms between fsyncs, a failed disk tried again each second, one that hangs given up for the
   * time being after a second, 1 MiB, 64 MiB, 50 000 records.
   */
  public static JournalSettings standard() {
    return new JournalSettings(
        Duration.ofMillis(5),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        1 << 20,
        64 << 20,
        50_000);
  }
}
