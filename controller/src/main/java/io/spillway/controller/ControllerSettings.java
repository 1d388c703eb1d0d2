package io.spillway.controller;

import io.spillway.controller.alert.AlertSettings;
import io.spillway.controller.api.ApiSettings;
import io.spillway.controller.dashboard.DashboardSettings;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.controller.gonode.GoNodes;
import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.core.token.ApiKeys;
import java.net.URI;
import java.time.Duration;

/**
 * All that a controller is configured with.
 *
 * @param historyRetention how long ended egresses are kept in the store; zero: for ever
 * @param dashboard who may see it
 * @param alerts who is told when something is wrong
 * @param fleet how it deals with its nodes
 */
public record ControllerSettings(
    ApiSettings api,
    DispatchSettings dispatch,
    Duration historyRetention,
    DashboardSettings dashboard,
    AlertSettings alerts,
    Fleet fleet) {
  /**
   * What an operator says of the nodes.
   *
   * @param region where this controller runs: starts that name none begin there; empty: anywhere
   * @param goNodes whether there are livekit/egress nodes
   */
  public record Fleet(String region, OnNodeLoss onNodeLoss, GoNodes goNodes) {
    /** Anywhere; what loses its node goes on on another one; no node but those with leases. */
    public static Fleet usual() {
      return new Fleet("", OnNodeLoss.CONTINUE, GoNodes.NEVER);
    }

    /** The same beside livekit/egress nodes. */
    public Fleet with(GoNodes others) {
      return new Fleet(region, onNodeLoss, others);
    }
  }

  /** How long ended egresses are kept unless something else is said. */
  public static final Duration USUAL_RETENTION = Duration.ofDays(30);

  /** Checks the retention. */
  public ControllerSettings {
    if (historyRetention.isNegative()) {
      throw new IllegalArgumentException(
          "the history can't be kept for less than nothing: " + historyRetention);
    }
  }

  /** The usual limits, on localhost's port 7990. */
  public static ControllerSettings of(ApiKeys keys, URI livekitUrl) {
    return new ControllerSettings(
        ApiSettings.of(keys),
        DispatchSettings.of(livekitUrl),
        USUAL_RETENTION,
        DashboardSettings.usual(),
        AlertSettings.none(),
        Fleet.usual());
  }

  /** The same, listening elsewhere; port 0 takes any free one. */
  public ControllerSettings at(String host, int port) {
    return new ControllerSettings(
        api.at(host, port), dispatch, historyRetention, dashboard, alerts, fleet);
  }
}
