package io.spillway.core.alert;

import java.time.Duration;

/**
 * Something that is wrong at this moment.
 *
 * @param kind which rule found it
 * @param subject what it is about (a node, a region); empty when it is about everything
 * @param summary one sentence for people, with the figures
 * @param holdFor how long it must stay wrong before anyone is told
 */
public record Finding(
    AlertKind kind, String subject, Severity severity, String summary, Duration holdFor) {
  /** What makes it the same finding at the next look. */
  public Key key() {
    return new Key(kind, subject);
  }

  /** An alert's identity. */
  public record Key(AlertKind kind, String subject) {}
}
