package io.spillway.app.config;

import java.util.List;

/** A configuration and the remarks to show for it, each with file, line and key. */
public record Loaded<C>(C config, List<String> warnings) {
  /** Copies what is handed in. */
  public Loaded {
    warnings = List.copyOf(warnings);
  }
}
