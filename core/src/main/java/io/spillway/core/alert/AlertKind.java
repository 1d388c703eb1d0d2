package io.spillway.core.alert;

/** The alerts that there are; docs/alerts.md says for each what it means and what to do. */
public enum AlertKind {
  START_FAILURES("SpillwayStartFailures", "start-failures"),
  START_LATENCY("SpillwayStartLatency", "start-latency"),
  STATUS_AGE("SpillwayStatusAge", "status-age"),
  NODE_WEDGED("SpillwayNodeWedged", "node-wedged"),
  NODE_LOST("SpillwayNodeLost", "node-lost"),
  CAPACITY("SpillwayCapacity", "capacity"),
  WEBHOOK_LAG("SpillwayWebhookLag", "webhook-lag"),
  STUCK_EGRESSES("SpillwayStuckEgresses", "stuck-egresses"),
  STORE_SILENT("SpillwayStoreSilent", "store-silent"),
  FRONT_DOOR_SHARED("SpillwayFrontDoorShared", "front-door-shared");

  private final String alertName;
  private final String anchor;

  AlertKind(String alertName, String anchor) {
    this.alertName = alertName;
    this.anchor = anchor;
  }

  /** Alertmanager's {@code alertname}. */
  public String alertName() {
    return alertName;
  }

  /** The heading in docs/alerts.md. */
  public String anchor() {
    return anchor;
  }
}
