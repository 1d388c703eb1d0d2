package io.spillway.store.sql;

import io.spillway.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * SQLite's way: one thread writes, and whatever waits for it goes into one transaction. SQLite has
 * a single writer anyway and a commit costs an fsync, so 200 calls at once cost a few fsyncs
 * instead of 200, and nobody ever meets SQLITE_BUSY.
 *
 * <p>Callers wait on their own threads until their transaction is committed, at most for the
 * time-out; a change that was still in the queue by then is taken out and never made. When one
 * change of a group fails in the database, the group is undone and each is run by itself, so that
 * only the faulty one fails. A group that finds the disk full is run once more with the room of the
 * {@link DiskReserve}, if one of its changes is owed: what may wait (leases, say) must not give the
 * room to the recordings that filled the disk.
 */
final class GroupCommitWriter implements Writer {
  private static final int MOST_WAITING = 4096;
  private static final int MOST_PER_COMMIT = 256;
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final Handle handle;
  private final Duration timeout;
  private final DiskReserve reserve;
  private final ArrayBlockingQueue<Change<?>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong commits = new AtomicLong();
  private final Object closing = new Object();
  private boolean closed; // guarded by closing
  private final Thread thread;

  /** Opens the writing connection and starts its thread (a platform thread: SQLite is JNI). */
  GroupCommitWriter(Jdbi jdbi, Duration timeout, DiskReserve reserve) {
    this.handle = jdbi.open();
    this.timeout = timeout;
    this.reserve = reserve;
    this.thread = Thread.ofPlatform().name("store-writer").daemon(true).start(this::run);
  }

  @Override
  public <T> T write(String attempt, Function<Handle, T> work) {
    return make(new Change<>(attempt, false, work), attempt);
  }

  @Override
  public <T> T writeOwed(String attempt, Function<Handle, T> work) {
    return make(new Change<>(attempt, true, work), attempt);
  }

  private <T> T make(Change<T> change, String attempt) {
    synchronized (closing) {
      if (closed) {
        throw new StoreException("could not " + attempt + ": the store is closed");
      }
      if (!waiting.offer(change)) {
        throw new StoreException(
            "could not %s: %d writes wait for the disk already".formatted(attempt, MOST_WAITING));
      }
    }
    return change.await(timeout);
  }

  /** How many transactions were committed. */
  long commits() {
    return commits.get();
  }

  @Override
  public void close() {
    synchronized (closing) {
      closed = true;
    }
    try {
      if (!thread.join(CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Change<?>> group = new ArrayList<>(MOST_PER_COMMIT);
    try {
      while (fill(group)) {
        commit(group);
        group.clear();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      handle.close();
    }
  }

  /** False once the writer is closed and nothing waits any more. */
  private boolean fill(List<Change<?>> group) throws InterruptedException {
    while (group.isEmpty()) {
      reserve.restoreIfDue();
      Change<?> first = waiting.poll(50, TimeUnit.MILLISECONDS);
      if (first == null) {
        synchronized (closing) {
          if (closed && waiting.isEmpty()) {
            return false;
          }
        }
        continue;
      }
      group.add(first);
      waiting.drainTo(group, MOST_PER_COMMIT - 1);
      group.removeIf(change -> !change.begin());
    }
    return true;
  }

  private void commit(List<Change<?>> group) {
    try {
      inTransactionOrReserve(group);
    } catch (RuntimeException failure) { // also a bug in one change: the thread must outlive it
      if (group.size() == 1) {
        group.getFirst().fail(failure);
      } else {
        group.forEach(change -> commit(List.of(change)));
      }
    }
  }

  private void inTransactionOrReserve(List<Change<?>> group) {
    try {
      inTransaction(group);
    } catch (RuntimeException failure) {
      boolean owed = group.stream().anyMatch(Change::isOwed);
      if (!owed || !DiskReserve.isForFullDisk(failure) || !reserve.release()) {
        throw failure;
      }
      inTransaction(group);
    }
  }

  private void inTransaction(List<Change<?>> group) {
    try {
      handle.begin();
      for (Change<?> change : group) {
        change.run(handle);
      }
      handle.commit();
    } catch (RuntimeException failure) {
      undo(failure);
      throw failure;
    }
    commits.incrementAndGet();
    group.forEach(Change::succeed);
  }

  private void undo(RuntimeException failure) {
    try {
      handle.rollback();
    } catch (JdbiException again) {
      failure.addSuppressed(again); // a full disk may have ended the transaction already
    }
  }
}
