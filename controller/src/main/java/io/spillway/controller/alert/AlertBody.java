package io.spillway.controller.alert;

import io.spillway.core.alert.Finding;
import io.spillway.core.alert.Standing;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Alerts in the forms that receivers read. Pure. */
final class AlertBody {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Longer than several of our repeats: a controller that dies takes its alerts with it. */
  static final Duration HOLDS = Duration.ofMinutes(4);

  private AlertBody() {}

  /**
   * Alertmanager's API v2 ({@code POST /api/v2/alerts}). Labels are the identity: they name the
   * cluster's trouble and never the controller that tells of it, so that Alertmanager makes one
   * alert of what several controllers send.
   */
  static byte[] alertmanager(
      List<Standing> firing, List<Standing> over, Optional<URI> dashboard, long nowUnixNanos) {
    ArrayNode all = JSON.createArrayNode();
    firing.forEach(standing ->
        alert(all.addObject(), standing, dashboard)
            .put("endsAt", text(nowUnixNanos + HOLDS.toNanos())));
    over.forEach(
        standing -> alert(all.addObject(), standing, dashboard).put("endsAt", text(nowUnixNanos)));
    return JSON.writeValueAsBytes(all);
  }

  /**
   * The form of Alertmanager's own webhooks (version 4), so that whatever reads those reads ours.
   */
  static byte[] webhook(
      List<Standing> firing, List<Standing> over, Optional<URI> dashboard, long nowUnixNanos) {
    ObjectNode body = JSON.createObjectNode();
    body.put("version", "4")
        .put("groupKey", "spillway")
        .put("receiver", "spillway")
        .put("status", firing.isEmpty() ? "resolved" : "firing")
        .put("externalURL", dashboard.map(URI::toString).orElse(""));
    body.putObject("groupLabels");
    body.putObject("commonLabels").put("service", "spillway");
    body.putObject("commonAnnotations");
    ArrayNode all = body.putArray("alerts");
    firing.forEach(standing ->
        alert(all.addObject(), standing, dashboard)
            .put("status", "firing")
            .put("endsAt", "0001-01-01T00:00:00Z"));
    over.forEach(standing ->
        alert(all.addObject(), standing, dashboard)
            .put("status", "resolved")
            .put("endsAt", text(nowUnixNanos)));
    return JSON.writeValueAsBytes(body);
  }

  private static ObjectNode alert(ObjectNode alert, Standing standing, Optional<URI> dashboard) {
    Finding finding = standing.finding();
    ObjectNode labels = alert.putObject("labels");
    labels
        .put("alertname", finding.kind().alertName())
        .put("severity", finding.severity().word())
        .put("service", "spillway");
    if (!finding.subject().isEmpty()) {
      labels.put("subject", finding.subject());
    }
    alert
        .putObject("annotations")
        .put("summary", finding.summary())
        .put("runbook", "docs/alerts.md#" + finding.kind().anchor());
    alert.put("startsAt", text(standing.sinceUnixNanos()));
    dashboard.ifPresent(address -> alert.put("generatorURL", address.toString()));
    return alert;
  }

  private static String text(long unixNanos) {
    return Instant.ofEpochSecond(0, unixNanos).toString();
  }
}
