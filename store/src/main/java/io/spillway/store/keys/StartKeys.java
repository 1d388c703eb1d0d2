package io.spillway.store.keys;

import java.util.Optional;

/** The starts of the last day that had an {@code Idempotency-Key}. Thread-safe; blocks. */
public interface StartKeys {
  /**
   * Keeps a key for a start that is about to be made.
   *
   * @return empty when it was kept; else the one that is there already
   */
  Optional<StartKey> reserve(StartKey wanted);

  /** The key as it is kept. */
  Optional<StartKey> find(String apiKey, String key);

  /** Gives the key to another start, if it is still the one that was seen. */
  boolean replace(StartKey seen, StartKey wanted);

  /** Forgets the key of a start that came to nothing, if it is still that one's. */
  void release(StartKey key);

  /** Removes keys that are older; how many it were, at most {@code most}. */
  int forget(long beforeUnixNanos, int most);
}
