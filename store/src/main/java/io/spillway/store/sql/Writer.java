package io.spillway.store.sql;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** How a change gets into the database: whole or not at all, and durable when the call returns. */
interface Writer extends AutoCloseable {
  /**
   * Runs {@code work} in a transaction. It may run more than once (each earlier run was undone), so
   * it must have no effect outside its handle.
   *
   * @param attempt what is tried and for whom, for the error's text: "store the new egress EG_1"
   */
  <T> T write(String attempt, Function<Handle, T> work);

  /**
   * As {@link #write}, for what is owed to an egress that was begun: also with the room that is
   * kept back for that, where the disk has no other.
   */
  <T> T writeOwed(String attempt, Function<Handle, T> work);

  @Override
  void close();
}
