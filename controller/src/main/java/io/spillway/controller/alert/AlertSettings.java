package io.spillway.controller.alert;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Who is told of alerts, and what counts as slow. The dashboard, the log and the metrics show them
 * in any case.
 *
 * @param alertmanager its address, without {@code /api/v2/alerts}
 * @param webhook is posted what fires and what is over
 * @param dashboard the address of the dashboard as people reach it, for links
 * @param latencyTarget a start that takes longer counts as slow
 */
public record AlertSettings(
    Optional<URI> alertmanager,
    Optional<URI> webhook,
    Optional<URI> dashboard,
    Duration latencyTarget) {
  /** From a stored start to its first recorded frame: some ten times what it usually takes. */
  public static final Duration USUAL_LATENCY = Duration.ofSeconds(2);

  /** Checks the target. */
  public AlertSettings {
    if (latencyTarget.isNegative() || latencyTarget.isZero()) {
      throw new IllegalArgumentException("a start can't be expected within " + latencyTarget);
    }
  }

  /** Nobody but those who look. */
  public static AlertSettings none() {
    return new AlertSettings(Optional.empty(), Optional.empty(), Optional.empty(), USUAL_LATENCY);
  }
}
