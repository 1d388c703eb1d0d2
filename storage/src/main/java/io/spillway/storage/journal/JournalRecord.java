package io.spillway.storage.journal;

/**
 * A report that is to reach its reader.
 *
 * @param sequence rises with each record of a journal, also over restarts and lost disks
 * @param key whose report it is (egress id); order matters within a key only
 * @param epoch of the reporter
 * @param last whether it is the key's final report
 * @param atUnixNanos when it was appended
 * @param bytes the report; shared, never changed
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares records, and a copy would serve nobody
public record JournalRecord(
    long sequence, String key, int epoch, boolean last, long atUnixNanos, byte[] bytes) {}
