package io.spillway.store.sql;

import io.spillway.store.StoreException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** PostgreSQL's way: each change is a transaction of its own, on a pooled connection. */
record PooledWriter(Jdbi jdbi, Reconnect reconnect) implements Writer {
  @Override
  public <T> T write(String attempt, Function<Handle, T> work) {
    try {
      return reconnect.call(() -> jdbi.inTransaction(work::apply));
    } catch (JdbiException failure) {
      throw new StoreException("could not " + attempt + ": " + failure.getMessage(), failure);
    }
  }

  @Override
  public <T> T writeOwed(String attempt, Function<Handle, T> work) {
    return write(attempt, work); // the server's disk is its own affair
  }

  @Override
  public void close() {
    // the pool belongs to whoever made it
  }
}
