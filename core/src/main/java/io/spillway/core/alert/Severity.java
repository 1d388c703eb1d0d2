package io.spillway.core.alert;

/** How soon a person should look. */
public enum Severity {
  /** Today. */
  WARNING,
  /** Now. */
  CRITICAL;

  /** As Alertmanager's {@code severity} label has it. */
  public String word() {
    return switch (this) {
      case WARNING -> "warning";
      case CRITICAL -> "critical";
    };
  }
}
