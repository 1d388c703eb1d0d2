package io.spillway.store.sql;

import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;

/**
 * Tries a call once more when its pooled connection turns out to be dead: after a database's
 * restart all in the pool are, and else each would cost somebody a failed call. A commit that
 * failed is never tried again: it may have happened.
 */
final class Reconnect {
  private final Runnable dropConnections;

  /** {@code dropConnections} empties the pool. */
  Reconnect(Runnable dropConnections) {
    this.dropConnections = dropConnections;
  }

  <T> T call(Supplier<T> work) {
    try {
      return work.get();
    } catch (JdbiException failure) {
      if (!isDeadConnection(failure)) {
        throw failure;
      }
      dropConnections.run();
      return work.get();
    }
  }

  /** SQLSTATE class 08 is a connection's failure, 57P its end by an operator or a shutdown. */
  private static boolean isDeadConnection(JdbiException failure) {
    if (failure instanceof TransactionException || failure instanceof ConnectionException) {
      return false; // no new one was to be had either
    }
    if (failure.getCause() instanceof SQLException cause) {
      String state = Optional.ofNullable(cause.getSQLState()).orElse("");
      return state.startsWith("08") || state.startsWith("57P");
    }
    return false;
  }
}
