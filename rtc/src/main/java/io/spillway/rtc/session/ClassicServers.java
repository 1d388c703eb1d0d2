package io.spillway.rtc.session;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers which servers know only the classic signalling, so that each join doesn't try the new
 * one first. Forgets after a while: servers are updated. Thread-safe.
 */
public final class ClassicServers {
  private static final int MAX_SERVERS = 256;
  private static final long KEEP_NANOS = 600_000_000_000L;

  private final Map<String, Long> seenAtNanos =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_SERVERS;
        }
      };

  /** A join succeeded there after the new signalling wasn't found. */
  synchronized void add(String serverUrl, long nowNanos) {
    seenAtNanos.put(serverUrl, nowNanos);
  }

  synchronized boolean contains(String serverUrl, long nowNanos) {
    Long at = seenAtNanos.get(serverUrl);
    return at != null && nowNanos - at < KEEP_NANOS;
  }
}
