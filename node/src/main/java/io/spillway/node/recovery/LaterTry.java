package io.spillway.node.recovery;

import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a try after a wait, on an executor that may be closed by then. */
record LaterTry(TimeSource time, Executor executor) {
  private static final Logger LOG = LoggerFactory.getLogger(LaterTry.class);

  /**
   * Returns at once.
   *
   * @param closing run instead when the executor takes no more, because the node is closing
   */
  void after(Duration wait, Runnable task, Runnable closing) {
    var _ =
        time.after(
            wait,
            () -> {
              try {
                executor.execute(task);
              } catch (RejectedExecutionException closed) {
                LOG.atDebug().log("the node is closing: its next start tries again");
                closing.run();
              }
            });
  }
}
