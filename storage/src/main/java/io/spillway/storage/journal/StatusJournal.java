package io.spillway.storage.journal;

import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An append-only log of reports with group commit: whatever waits shares one fsync, and there is at
 * most one fsync in each gap (5 ms), so 200 statuses at once cost one or two. Thread-safe; nothing
 * here waits for the disk but {@link Ticket#durable} and {@link #close}.
 *
 * <p>Every report is kept in memory until it is acknowledged; the disk only makes it survive. A
 * disk that fails or is full therefore costs durability, never a report: its ticket says so, and
 * from then on the whole journal is written anew every {@code retryAfter} until the disk takes it.
 * A disk that neither takes a group nor refuses it counts as failing after {@code hungAfter}, until
 * it answers. So does a defect or want of memory of ours: the journal's thread outlives both.
 * Acknowledgements are written without an fsync: one that is lost costs a repetition, which the
 * receiver's sequence check swallows.
 *
 * <p>Long because whatever may happen under its one lock stands in one file.
 *
 * <p>Sequences go on above the highest ever written and above the wall clock in microseconds at
 * opening, so that they rise even if the disk was lost between two lives of a node; else the
 * receiver would refuse the new life's reports as old.
 */
public final class StatusJournal implements AutoCloseable {
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final JournalWriter writer;
  private final JournalSettings settings;
  private final TimeSource time;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // guarded by lock:
  private final Pending pending = new Pending();
  private final Queue<Ticket> unwritten = new ArrayDeque<>();
  private final List<Long> acknowledgements = new ArrayList<>();
  private long nextSequence;
  private long appended;
  private long acknowledged;
  private long superseded;
  private List<Ticket> inHand = List.of(); // the group that is being written
  private long round;
  private boolean writing;
  private boolean timerSet;
  private boolean closed;

  private StatusJournal(
      JournalWriter writer,
      JournalFormat.Content content,
      JournalSettings settings,
      TimeSource time) {
    this.writer = writer;
    this.settings = settings;
    this.time = time;
    this.nextSequence = Math.max(content.nextSequence(), time.unixNanos() / 1000);
    content.pending().forEach(pending::add);
    this.thread = Thread.ofPlatform().name("status-journal").daemon(true).unstarted(this::run);
  }

  /**
   * Opens a journal and takes in what it holds; a torn tail is cut off. A file that is damaged
   * elsewhere gives all that is whole in it, one that can't be read nothing; both are kept aside
   * and show in {@link JournalStats#damaged}.
   *
   * @throws JournalException when the file is of a newer program
   */
  public static StatusJournal open(JournalDisk disk, JournalSettings settings, TimeSource time) {
    try {
      JournalOpening.Found found = JournalOpening.open(disk);
      JournalWriter writer = new JournalWriter(disk, settings, time, found);
      StatusJournal journal = new StatusJournal(writer, found.content(), settings, time);
      journal.thread.start();
      return journal;
    } catch (IOException failure) {
      disk.close();
      throw new JournalException("could not open the status journal", failure);
    }
  }

  /**
   * Adds a report. Returns at once.
   *
   * @param last whether it is the key's final one, which never gives way to another
   * @throws IllegalArgumentException when it is larger than a journal's frame (4 MiB)
   */
  public Ticket append(String key, int epoch, byte[] bytes, boolean last) {
    lock.lock();
    try {
      JournalRecord record =
          new JournalRecord(nextSequence, key, epoch, last, time.unixNanos(), bytes);
      if (JournalFormat.size(record) > JournalFormat.MOST_FRAME_BYTES) {
        throw new IllegalArgumentException(
            "a report of %d bytes for %s is too large".formatted(bytes.length, key));
      }
      nextSequence++;
      appended++;
      pending.add(record);
      makeRoom(key);
      Ticket ticket = new Ticket(record);
      if (closed || writer.isHung()) {
        writer.answer(List.of(ticket), Durability.MEMORY_ONLY);
      } else {
        unwritten.add(ticket);
        changed.signal();
      }
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  private void makeRoom(String key) {
    if (pending.size() <= settings.mostRecords()) {
      return;
    }
    for (long old : pending.replaceable(key)) {
      pending.remove(old);
      acknowledgements.add(old);
      superseded++;
    }
  }

  /** Forgets a report that has reached its reader; again or for an unknown one it does nothing. */
  public void acknowledge(long sequence) {
    lock.lock();
    try {
      if (pending.remove(sequence)) {
        acknowledged++;
        acknowledgements.add(sequence);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** All reports without acknowledgement, oldest first; right after opening: what to replay. */
  public List<JournalRecord> pending() {
    lock.lock();
    try {
      return List.copyOf(pending.all());
    } finally {
      lock.unlock();
    }
  }

  /** The same for one key. */
  public List<JournalRecord> pending(String key) {
    lock.lock();
    try {
      return List.copyOf(pending.of(key));
    } finally {
      lock.unlock();
    }
  }

  /** The figures now. */
  public JournalStats stats() {
    lock.lock();
    try {
      long age =
          pending
              .oldest()
              .map(record -> Math.max(0, time.unixNanos() - record.atUnixNanos()))
              .orElse(0L);
      return new JournalStats(
          pending.size(),
          Duration.ofNanos(age),
          appended,
          acknowledged,
          writer.syncs(),
          writer.memoryOnly(),
          superseded,
          writer.tornBytes(),
          writer.rewrites(),
          writer.fileBytes(),
          writer.failing(),
          writer.damaged());
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (wroteGroup()) {
        // until it is closed
      }
    } catch (InterruptedException hung) {
      Thread.currentThread().interrupt(); // closing, and the disk did not answer
    } finally {
      writer.close();
    }
  }

  /** One round; what goes wrong in it costs its group the disk, never the journal its thread. */
  private boolean wroteGroup() throws InterruptedException {
    try {
      return takeAndWrite();
    } catch (RuntimeException | Error failure) {
      giveUp(failure);
      return true;
    }
  }

  private void giveUp(Throwable failure) {
    lock.lock();
    try {
      answerFromMemory();
      ended();
      writer.failed(failure);
    } catch (Error again) {
      // no memory left, not even for the log's line: the figures tell
    } finally {
      lock.unlock();
    }
  }

  /** False once the journal is closed and all is written. */
  private boolean takeAndWrite() throws InterruptedException {
    List<Ticket> reports;
    List<Long> done;
    JournalWriter.Snapshot snapshot;
    long thisRound;
    lock.lockInterruptibly();
    try {
      while (!closed && !isWorkDue()) {
        var _ = changed.await(1, TimeUnit.SECONDS);
      }
      reports = List.copyOf(unwritten);
      inHand = reports;
      unwritten.clear();
      done = List.copyOf(acknowledgements);
      acknowledgements.clear();
      if (closed && reports.isEmpty() && done.isEmpty()) {
        return false;
      }
      boolean whole = writer.wantsWhole(pending.bytes());
      snapshot =
          new JournalWriter.Snapshot(
              nextSequence, whole, whole ? List.copyOf(pending.all()) : List.of());
      thisRound = ++round;
      writing = true;
    } finally {
      lock.unlock();
    }
    TimeSource.Timer watchdog = time.after(settings.hungAfter(), () -> noteHang(thisRound));
    Durability fate;
    try {
      fate = writer.write(reports, done, snapshot);
    } finally {
      watchdog.cancel(); // before anybody hears that the write is over
    }
    writer.answer(reports, fate);
    lock.lock();
    try {
      ended();
    } finally {
      lock.unlock();
    }
    return true;
  }

  private void ended() {
    writing = false;
    inHand = List.of();
    writer.returned();
  }

  private void noteHang(long which) {
    lock.lock();
    try {
      if (writing && which == round) {
        writer.hangs();
        answerFromMemory();
      }
    } finally {
      lock.unlock();
    }
  }

  /** All stay pending: the next rewrite of the file takes them in. */
  private void answerFromMemory() {
    writer.answer(inHand, Durability.MEMORY_ONLY);
    for (Ticket ticket = unwritten.poll(); ticket != null; ticket = unwritten.poll()) {
      writer.answer(List.of(ticket), Durability.MEMORY_ONLY);
    }
  }

  private boolean isWorkDue() {
    if (unwritten.isEmpty() && !writer.failing()) {
      return !acknowledgements.isEmpty();
    }
    long wait = writer.waitNanos(!unwritten.isEmpty());
    if (wait <= 0) {
      return true;
    }
    if (!timerSet) {
      timerSet = true;
      var _ = time.after(Duration.ofNanos(wait), this::wake);
    }
    return false;
  }

  private void wake() {
    lock.lock();
    try {
      timerSet = false;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes what waits, at most for 5 s, and closes the file; a disk that is known to hang is not
   * waited for. Later reports live in memory only.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(writer.isHung() ? Duration.ZERO : CLOSE_WAIT)) {
        thread.interrupt();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
