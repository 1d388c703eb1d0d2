package io.spillway.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.spillway.core.trace.TraceKeys;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a log line shows. */
class LogFormTest {
  private static final Map<String, String> CONTEXT =
      Map.of(
          TraceKeys.LOG_REQUEST, "REQ_1",
          TraceKeys.LOG_EGRESS, "EG_1",
          TraceKeys.LOG_EPOCH, "1",
          TraceKeys.LOG_NODE, "NE_1",
          TraceKeys.LOG_ROOM_SID, "RM_1");

  private static String line(String configuration, Map<String, String> context) throws Exception {
    LoggerContext loggers = new LoggerContext();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(loggers);
    configurator.doConfigure(
        Objects.requireNonNull(LogFormTest.class.getResource("/" + configuration)));
    var root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
    LoggingEvent event =
        new LoggingEvent("f", root, Level.INFO, "egress reported", null, new Object[0]);
    event.addKeyValuePair(new KeyValuePair("status", "EGRESS_ACTIVE"));
    event.setMDCPropertyMap(context);
    ConsoleAppender<ILoggingEvent> console =
        (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
    Encoder<ILoggingEvent> encoder = console.getEncoder();
    String line = new String(encoder.encode(event), StandardCharsets.UTF_8);
    loggers.stop();
    return line;
  }

  @Test
  void aLineForPeopleShowsItsOwnKeysAndWhatTheThreadWorksOn() throws Exception {
    assertThat(line("logback.xml", CONTEXT))
        .contains("egress reported status=EGRESS_ACTIVE ")
        .contains("request=REQ_1")
        .contains("egress=EG_1")
        .contains("epoch=1")
        .contains("node=NE_1")
        .contains("room_sid=RM_1")
        .doesNotContain(",")
        .endsWith("\n");
    assertThat(line("logback.xml", Map.of()).strip()).endsWith("status=EGRESS_ACTIVE");
  }

  @Test
  void aLineForMachinesHasEachAsAFieldOfItsOwn() throws Exception {
    JsonNode json = JsonMapper.shared().readTree(line("logback-json.xml", CONTEXT));
    CONTEXT.forEach((key, value) -> assertThat(json.path(key).asString("")).isEqualTo(value));
    assertThat(json.path("status").asString("")).isEqualTo("EGRESS_ACTIVE");
    assertThat(json.path("message").asString("")).isEqualTo("egress reported");
  }
}
