package io.spillway.controller.dashboard;

import java.time.Duration;
import java.util.Optional;

/**
 * How the dashboard is protected and limited.
 *
 * @param enabled whether it is served at all
 * @param viewerToken lets its holder look; none: only administrators sign in
 * @param adminToken lets its holder do all, beside the API keys
 * @param sessionLife after which one has to sign in again
 * @param liveClients browsers that may follow events at once
 */
public record DashboardSettings(
    boolean enabled,
    Optional<String> viewerToken,
    Optional<String> adminToken,
    Duration sessionLife,
    int liveClients) {
  /** Shorter ones could be guessed: failed attempts are not limited. */
  public static final int SHORTEST_TOKEN = 16;

  /** Checks lengths and limits. */
  public DashboardSettings {
    if (viewerToken.filter(token -> token.length() < SHORTEST_TOKEN).isPresent()
        || adminToken.filter(token -> token.length() < SHORTEST_TOKEN).isPresent()) {
      throw new IllegalArgumentException(
          "a dashboard token needs at least " + SHORTEST_TOKEN + " characters");
    }
    if (viewerToken.isPresent() && viewerToken.equals(adminToken)) {
      throw new IllegalArgumentException("viewer_token and admin_token must differ");
    }
    if (sessionLife.isNegative() || sessionLife.isZero() || liveClients < 1) {
      throw new IllegalArgumentException("session life and live clients must be positive");
    }
  }

  /** Served, with API keys as the only way in. */
  public static DashboardSettings usual() {
    return new DashboardSettings(
        true, Optional.empty(), Optional.empty(), Duration.ofHours(8), 100);
  }

  /** Without the tokens. */
  @Override
  public String toString() {
    return "DashboardSettings[enabled=%s, viewerToken=%s, adminToken=%s, sessionLife=%s]"
        .formatted(enabled, viewerToken.isPresent(), adminToken.isPresent(), sessionLife);
  }
}
