package io.spillway.storage.journal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The reports that nobody has acknowledged, in order, by journal and by key. Not thread-safe: the
 * journal's lock guards it.
 */
final class Pending {
  private final TreeMap<Long, JournalRecord> inOrder = new TreeMap<>();
  private final Map<String, TreeMap<Long, JournalRecord>> byKey = new HashMap<>();
  private long bytes; // as frames in the file

  void add(JournalRecord record) {
    inOrder.put(record.sequence(), record);
    byKey.computeIfAbsent(record.key(), key -> new TreeMap<>()).put(record.sequence(), record);
    bytes += JournalFormat.size(record);
  }

  /** False when it isn't here: acknowledged twice, or never ours. */
  boolean remove(long sequence) {
    JournalRecord record = inOrder.remove(sequence);
    if (record == null) {
      return false;
    }
    bytes -= JournalFormat.size(record);
    TreeMap<Long, JournalRecord> ofKey = byKey.get(record.key());
    if (ofKey != null) {
      ofKey.remove(sequence);
      if (ofKey.isEmpty()) {
        byKey.remove(record.key());
      }
    }
    return true;
  }

  /** Those of a key that its newest report makes needless; never a final one. */
  List<Long> replaceable(String key) {
    TreeMap<Long, JournalRecord> ofKey = byKey.getOrDefault(key, new TreeMap<>());
    List<Long> old = new ArrayList<>();
    for (JournalRecord record : ofKey.values()) {
      if (!record.last() && record.sequence() != ofKey.lastKey()) {
        old.add(record.sequence());
      }
    }
    return old;
  }

  Collection<JournalRecord> all() {
    return inOrder.values();
  }

  Collection<JournalRecord> of(String key) {
    return byKey.getOrDefault(key, new TreeMap<>()).values();
  }

  Optional<JournalRecord> oldest() {
    return inOrder.isEmpty() ? Optional.empty() : Optional.of(inOrder.firstEntry().getValue());
  }

  int size() {
    return inOrder.size();
  }

  long bytes() {
    return bytes;
  }
}
