package io.spillway.app.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses how to log. Logback reads system properties when the first logger is made: this must run
 * before.
 */
public final class LogSetup {
  private LogSetup() {}

  /** Another level from now on; the form stays. */
  public static void level(String level) {
    if (LoggerFactory.getLogger("io.spillway") instanceof Logger ours) {
      ours.setLevel(Level.toLevel(level));
    }
  }

  /** Sets form and level. */
  public static void apply(SpillwayConfig.Log log) {
    System.setProperty("spillway.log.level", log.level());
    if (log.json()) {
      System.setProperty("logback.configurationFile", "logback-json.xml");
    }
  }
}
