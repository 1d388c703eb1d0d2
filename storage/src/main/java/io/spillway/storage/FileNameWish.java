package io.spillway.storage;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;

/**
 * All that a file's name depends on.
 *
 * @param template the request's filepath; may be empty or end in {@code /}
 * @param identifier begins a name that we make up: room name, {@code web}, identity or track id
 * @param values for those placeholders that this kind of egress knows; others stay as they are
 * @param retry 0 for the first try or part, then rising (EgressInfo.retry_count)
 * @param now the moment of {@code {time}} and {@code {utc}}
 * @param zone of {@code {time}}; {@code {utc}} is always UTC
 * @param extension with its dot: {@code .ogg}; empty while the codec is not known: the name as it
 *     was asked for
 */
public record FileNameWish(
    String template,
    String identifier,
    Map<Placeholder, String> values,
    int retry,
    Instant now,
    ZoneId zone,
    String extension) {
  /** Copies the map and checks retry and extension. */
  public FileNameWish {
    values = Map.copyOf(values);
    if (retry < 0 || !(extension.isEmpty() || extension.startsWith("."))) {
      throw new IllegalArgumentException(
          "need retry >= 0 and an extension with a dot or none, was %d, '%s'"
              .formatted(retry, extension));
    }
  }
}
