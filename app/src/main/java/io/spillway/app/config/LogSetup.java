package io.spillway.app.config;

/**
 * Chooses how to log. Logback reads system properties when the first logger is made: this must run
 * before.
 */
public final class LogSetup {
  private LogSetup() {}

  /** Sets form and level. */
  public static void apply(SpillwayConfig.Log log) {
    System.setProperty("spillway.log.level", log.level());
    if (log.json()) {
      System.setProperty("logback.configurationFile", "logback-json.xml");
    }
  }
}
