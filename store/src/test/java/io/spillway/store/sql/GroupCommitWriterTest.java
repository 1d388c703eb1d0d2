package io.spillway.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.time.SimulatedTime;
import io.spillway.storage.FreeDisk;
import io.spillway.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommitWriterTest {
  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private Jdbi jdbi;

  @SuppressWarnings("NullAway.Init") // opened before each test
  private GroupCommitWriter writer;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void open() {
    jdbi =
        Jdbi.create("jdbc:sqlite:" + folder.resolve("t.db") + "?journal_mode=WAL&synchronous=FULL");
    var _ = jdbi.withHandle(handle -> handle.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)"));
    writer = new GroupCommitWriter(jdbi, Duration.ofSeconds(10), reserve());
  }

  @AfterEach
  void close() {
    writer.close();
    callers.close();
  }

  private DiskReserve reserve() {
    return new DiskReserve(folder, FreeDisk.ofSystem(), new SimulatedTime());
  }

  /** Holds the writer thread inside a change until released. */
  private final class Hold {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    Hold() {
      callers.execute(() -> {
        int done = writer.write("hold", this::waitInside);
        assertThat(done).isEqualTo(1);
      });
      assertThat(waitFor(entered)).isTrue();
    }

    private int waitInside(Handle handle) {
      entered.countDown();
      return waitFor(released) ? 1 : 0;
    }
  }

  private static boolean waitFor(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int insert(Handle handle, int n) {
    return handle.execute("INSERT INTO t VALUES (?)", n);
  }

  private List<Integer> stored() {
    return jdbi.withHandle(
        handle -> handle.createQuery("SELECT n FROM t ORDER BY n").mapTo(Integer.class).list());
  }

  private List<Future<Integer>> insertEach(int... numbers) {
    List<Future<Integer>> changes = new ArrayList<>();
    for (int n : numbers) {
      changes.add(callers.submit(() -> writer.write("insert " + n, h -> insert(h, n))));
    }
    return changes;
  }

  @Test
  void aWriteThatFindsTheDiskFullIsMadeWithTheRoomOfTheReserve() {
    int first = writer.write("make the reserve", handle -> insert(handle, 1));
    assertThat(first).isEqualTo(1);
    Path reserve = folder.resolve("reserve");
    assertThat(reserve).hasSize(DiskReserve.BYTES);
    Function<Handle, Integer> store =
        handle -> {
          // What SQLite sees of a disk is how many pages it gets: as long as the reserve is
          // there it gets none, so this is its own SQLITE_FULL.
          String pages = Files.exists(reserve) ? "1" : "1000000";
          handle.createQuery("PRAGMA max_page_count = " + pages).mapTo(Long.class).one();
          handle.execute("CREATE TABLE ends (text BLOB)");
          return handle.execute("INSERT INTO ends VALUES (zeroblob(100000))");
        };
    assertThatThrownBy(() -> writer.write("store a lease", store))
        .as("what may wait")
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("full");
    assertThat(reserve).exists();

    int stored = writer.writeOwed("store the end", store);
    assertThat(stored).isEqualTo(1);
    assertThat(reserve).doesNotExist();
    int ends =
        jdbi.withHandle(
            handle -> handle.createQuery("SELECT count(*) FROM ends").mapTo(Integer.class).one());
    assertThat(ends).isEqualTo(1);
  }

  @Test
  void aDiskThatStaysFullFailsTheWriteAndOnlyOnceMore() {
    int first = writer.write("make the reserve", handle -> insert(handle, 1));
    assertThat(first).isEqualTo(1);
    List<Integer> tries = new CopyOnWriteArrayList<>();
    for (int tried = 2; tried <= 3; tried++) { // with the reserve twice, without it once
      int expected = tried;
      assertThatThrownBy(() ->
              writer.writeOwed(
                  "store the end",
                  handle -> {
                    tries.add(expected);
                    handle.createQuery("PRAGMA max_page_count = 1").mapTo(Long.class).one();
                    handle.execute("CREATE TABLE ends (text BLOB)");
                    return handle.execute("INSERT INTO ends VALUES (zeroblob(100000))");
                  }))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("store the end")
          .hasMessageContaining("full");
      assertThat(tries).hasSize(expected);
    }
  }

  @Test
  void twoHundredChangesAtOnceShareAFewCommits() throws Exception {
    Hold hold = new Hold();
    List<Future<Integer>> changes = new ArrayList<>();
    for (int n = 0; n < 200; n++) {
      int number = n;
      changes.add(callers.submit(() -> writer.write("insert", h -> insert(h, number))));
    }
    hold.released.countDown();
    for (Future<Integer> change : changes) {
      assertThat(change.get()).isEqualTo(1);
    }
    assertThat(stored()).hasSize(200);
    assertThat(writer.commits()).isLessThanOrEqualTo(10);
  }

  @Test
  void aFaultyChangeFailsAloneAmongItsGroup() throws Exception {
    Hold hold = new Hold();
    List<Future<Integer>> changes = insertEach(1, 2, 2, 3);
    hold.released.countDown();
    int failed = 0;
    for (Future<Integer> change : changes) {
      try {
        assertThat(change.get()).isEqualTo(1);
      } catch (ExecutionException failure) {
        failed++;
        assertThat(failure.getCause())
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("insert 2");
      }
    }
    assertThat(failed).isEqualTo(1);
    assertThat(stored()).containsExactly(1, 2, 3);
  }

  @Test
  void aBugInOneChangeUndoesItAndLeavesTheWriterAlive() {
    assertThatThrownBy(() ->
            writer.write(
                "stumble",
                handle -> {
                  int inserted = insert(handle, 7);
                  throw new IllegalStateException("a bug after " + inserted + " row");
                }))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("stumble")
        .hasMessageContaining("a bug after 1 row");
    int rows = writer.write("go on", handle -> insert(handle, 8));
    assertThat(rows).isEqualTo(1);
    assertThat(stored()).containsExactly(8);
  }

  @Test
  void aCallerThatGaveUpInTheQueueIsToldThatNothingWasStored() throws Exception {
    GroupCommitWriter impatient = new GroupCommitWriter(jdbi, Duration.ofMillis(100), reserve());
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Future<Integer> first =
        callers.submit(() ->
            impatient.write(
                "the first",
                handle -> {
                  entered.countDown();
                  return waitFor(release) ? insert(handle, 1) : 0;
                }));
    assertThat(waitFor(entered)).isTrue();
    assertThatThrownBy(() -> impatient.write("the second", handle -> insert(handle, 2)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the second")
        .hasMessageContaining("was not stored");
    assertThatThrownBy(first::get)
        .hasRootCauseInstanceOf(StoreException.class)
        .hasMessageContaining("unknown");
    release.countDown();
    impatient.close();
    assertThat(stored()).containsExactly(1);
  }

  @Test
  void closingFinishesWhatWaitsAndRefusesTheRest() throws Exception {
    Hold hold = new Hold();
    List<Future<Integer>> changes = insertEach(1, 2);
    Future<?> closing = callers.submit(writer::close);
    hold.released.countDown();
    closing.get();
    int stored = 0;
    for (Future<Integer> change : changes) {
      try {
        stored += change.get();
      } catch (ExecutionException refused) {
        assertThat(refused).hasMessageContaining("closed"); // it came after the close
      }
    }
    assertThat(stored()).hasSize(stored);
    assertThatThrownBy(() -> writer.write("too late", handle -> insert(handle, 3)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
  }
}
