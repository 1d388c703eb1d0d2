package io.spillway.rtc.signal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code a=} lines of a session or of one media section, in order (RFC 8866, 5.13). A line
 * without a value has the empty string as its value.
 */
public final class SdpAttributes {
  private final Map<String, List<String>> values = new LinkedHashMap<>();

  SdpAttributes() {}

  void add(String line) {
    int colon = line.indexOf(':');
    String name = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1).trim();
    values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
  }

  /** Whether there is such a line. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** The value of the first line of that name. */
  public Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /** The values of all lines of that name, in order. */
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }
}
