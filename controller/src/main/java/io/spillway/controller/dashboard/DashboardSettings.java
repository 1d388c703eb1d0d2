package io.spillway.controller.dashboard;

import io.spillway.controller.session.SessionSettings;

/**
 * How the dashboard is protected and limited.
 *
 * @param enabled whether it is served at all
 * @param sessions who may come in
 * @param liveClients browsers that may follow events at once
 */
public record DashboardSettings(boolean enabled, SessionSettings sessions, int liveClients) {
  /** Browsers at once unless something else is said. */
  public static final int USUAL_CLIENTS = 100;

  /** Checks the limit. */
  public DashboardSettings {
    if (liveClients < 1) {
      throw new IllegalArgumentException("at least one browser must be able to follow");
    }
  }

  /** Served, with API keys as the only way in. */
  public static DashboardSettings usual() {
    return new DashboardSettings(true, SessionSettings.usual(), USUAL_CLIENTS);
  }
}
