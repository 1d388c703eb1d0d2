package io.spillway.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** The log lines of some loggers while a test runs, with what each says of itself. */
final class LogLines implements AutoCloseable {
  private final Logger logger;
  private final Level before;
  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          event.prepareForDeferredProcessing(); // takes the thread's MDC while it is there
          events.add(event);
        }
      };

  private LogLines(Logger logger) {
    this.logger = logger;
    this.before = logger.getLevel();
  }

  /** Of everything below a logger's name, DEBUG too. */
  static LogLines of(String name) {
    Logger logger = (Logger) LoggerFactory.getLogger(name);
    LogLines lines = new LogLines(logger);
    lines.appender.setContext(logger.getLoggerContext());
    lines.appender.start();
    logger.setLevel(Level.DEBUG);
    logger.addAppender(lines.appender);
    return lines;
  }

  /** Their texts. */
  List<String> texts() {
    return events.stream().map(ILoggingEvent::getMessage).toList();
  }

  /** The fields of each line but those with this text: its own key-values and its thread's. */
  List<Map<String, String>> except(String text) {
    return events.stream()
        .filter(event -> !event.getMessage().equals(text))
        .map(LogLines::fields)
        .toList();
  }

  private static Map<String, String> fields(ILoggingEvent event) {
    Map<String, String> fields = new HashMap<>(event.getMDCPropertyMap());
    List<org.slf4j.event.KeyValuePair> own = event.getKeyValuePairs();
    if (own != null) {
      own.forEach(pair -> fields.put(pair.key, String.valueOf(pair.value)));
    }
    fields.put("text", event.getMessage());
    return fields;
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setLevel(before);
    appender.stop();
  }
}
