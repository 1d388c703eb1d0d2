package io.spillway.store.sql;

import io.spillway.core.time.TimeSource;
import io.spillway.store.StoreException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The way to the database: reads take a pooled connection, writes go through the {@link Writer}.
 */
record Db(Jdbi reader, Reconnect reconnect, Writer writer, TimeSource time) {
  private static final int MOST_TRIES = 20;

  <T> T read(String attempt, Function<Handle, T> work) {
    try {
      return reconnect.call(() -> reader.withHandle(work::apply));
    } catch (JdbiException failure) {
      throw new StoreException("could not " + attempt + ": " + failure.getMessage(), failure);
    }
  }

  <T> T write(String attempt, Function<Handle, T> work) {
    return writer.write(attempt, work);
  }

  /**
   * A write that reads first and changes a row only if it is still as it was read. {@code once} is
   * empty when it wasn't, and is then done again. For what becomes of an egress, so it is owed.
   */
  <T> T writeSeen(String attempt, Function<Handle, Optional<T>> once) {
    return writer.writeOwed(attempt, handle -> retrying(attempt, () -> once.apply(handle)));
  }

  private static <T> T retrying(String attempt, Supplier<Optional<T>> once) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Optional<T> done = once.get();
      if (done.isPresent()) {
        return done.get();
      }
    }
    throw new StoreException(
        "could not %s: its row changed under each of %d tries".formatted(attempt, MOST_TRIES));
  }

  long now() {
    return time.unixNanos();
  }
}
