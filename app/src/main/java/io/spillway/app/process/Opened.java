package io.spillway.app.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.LoggerFactory;

/** What was opened, to be closed in the reverse order. Thread-safe. */
public final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Takes a part in. */
  public <T extends AutoCloseable> T open(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /**
   * Closes all that is open; whoever comes while another does waits for it. One that can't be
   * closed is logged and the others are closed all the same: a store that stays open keeps its
   * lock.
   */
  @Override
  public void close() {
    synchronized (parts) {
      while (!parts.isEmpty()) {
        AutoCloseable last = parts.pop();
        try {
          last.close();
        } catch (Exception failed) {
          LoggerFactory.getLogger(Opened.class) // not before: a command may yet set logging up
              .atError()
              .addKeyValue("part", last.getClass().getSimpleName())
              .setCause(failed)
              .log("could not be closed");
        }
      }
    }
  }
}
