package io.spillway.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusJournalTest {
  private static final Duration GAP = Duration.ofMillis(5);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Simulated time may run far while a thread of the test's own gets no core. */
  private static final Duration NEVER = Duration.ofDays(1);

  private static final JournalSettings SETTINGS =
      new JournalSettings(GAP, RETRY, NEVER, 1 << 20, 64 << 20, 50_000);

  private final SimulatedTime time = new SimulatedTime();
  private final SystemTime wall = new SystemTime();
  private MemoryDisk disk = new MemoryDisk();

  @SuppressWarnings("NullAway.Init") // opened before each test
  private StatusJournal journal;

  @BeforeEach
  void open() {
    journal = StatusJournal.open(disk, SETTINGS, time);
  }

  private void open(JournalSettings settings, TimeSource clock) {
    journal.close();
    journal = StatusJournal.open(disk, settings, clock);
  }

  @AfterEach
  void close() {
    disk.release();
    journal.close();
    wall.close();
  }

  /** As after kill -9: what was appended is there, the journal's memory is gone. */
  private StatusJournal afterCrash() {
    MemoryDisk same = disk.copy();
    journal.close();
    disk = same;
    open();
    return journal;
  }

  private Ticket append(String key, String text) {
    return journal.append(key, 1, text.getBytes(StandardCharsets.UTF_8), false);
  }

  /** The fate of a ticket, letting simulated time run so that the sync gap passes. */
  private Durability fate(Ticket ticket) throws InterruptedException {
    Deadline end = Deadline.in(wall, Duration.ofSeconds(10));
    while (!end.hasPassed()) {
      Durability now = ticket.durable(Deadline.in(wall, Duration.ofMillis(2)));
      if (now != Durability.NOT_YET) {
        return now;
      }
      time.advance(GAP);
    }
    return Durability.NOT_YET;
  }

  private Durability now(Ticket ticket) throws InterruptedException {
    return ticket.durable(Deadline.in(wall, Duration.ZERO));
  }

  private static List<String> texts(List<JournalRecord> records) {
    return records.stream()
        .map(record -> new String(record.bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void whatWasNotAcknowledgedIsReplayedInOrder() throws InterruptedException {
    Ticket first = append("EG_1", "starting");
    append("EG_2", "starting too");
    append("EG_1", "active");
    Ticket last = journal.append("EG_1", 3, "complete".getBytes(StandardCharsets.UTF_8), true);
    assertThat(fate(last)).isEqualTo(Durability.DURABLE);
    journal.acknowledge(first.record().sequence());
    await().until(() -> disk.holdsAcknowledgement(first.record().sequence()));

    assertThat(texts(afterCrash().pending())).containsExactly("starting too", "active", "complete");
    assertThat(texts(journal.pending("EG_1"))).containsExactly("active", "complete");
    JournalRecord complete = journal.pending("EG_1").getLast();
    assertThat(complete.epoch()).isEqualTo(3);
    assertThat(complete.last()).isTrue();
    assertThat(complete.atUnixNanos()).isEqualTo(last.record().atUnixNanos());
    assertThat(complete.sequence()).isEqualTo(last.record().sequence());
    assertThat(append("EG_1", "later").record().sequence()).isGreaterThan(complete.sequence());
  }

  @Test
  void twoHundredReportsAtOnceCostAtMostTenSyncs() throws Exception {
    assertThat(fate(append("EG_0", "the first makes the file"))).isEqualTo(Durability.DURABLE);
    int before = disk.syncs();
    List<Callable<Ticket>> appends =
        IntStream.range(0, 200)
            .mapToObj(i -> (Callable<Ticket>) () -> append("EG_" + i, "active"))
            .toList();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Ticket> ticket : callers.invokeAll(appends)) {
        assertThat(fate(ticket.get())).isEqualTo(Durability.DURABLE);
      }
    }
    assertThat(disk.syncs() - before).isBetween(1, 10);
  }

  /** On a real file, by the real clock. At once: the disk is at the first of them meanwhile. */
  @Test
  void soTheyDoOnARealDisk(@TempDir Path folder) throws Exception {
    CountedDisk real = new CountedDisk(new FileJournalDisk(folder.resolve("status.journal")));
    try (StatusJournal there = StatusJournal.open(real, SETTINGS, wall)) {
      Ticket makesTheFile = there.append("EG_first", 1, new byte[] {1}, false);
      assertThat(makesTheFile.durable(Deadline.in(wall, Duration.ofSeconds(30))))
          .isEqualTo(Durability.DURABLE);
      int before = real.syncs.get();
      real.held = new CountDownLatch(1);
      List<Callable<Ticket>> appends =
          IntStream.range(0, 200)
              .mapToObj(i -> (Callable<Ticket>) () -> there.append("EG_" + i, 1, new byte[9], true))
              .toList();
      try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Ticket>> tickets = callers.invokeAll(appends);
        real.held.countDown();
        for (Future<Ticket> ticket : tickets) {
          assertThat(ticket.get().durable(Deadline.in(wall, Duration.ofSeconds(30))))
              .isEqualTo(Durability.DURABLE);
        }
      }
      assertThat(real.syncs.get() - before).isBetween(1, 10);
      assertThat(there.stats().syncs()).isEqualTo(real.syncs.get());
    }
    try (StatusJournal again =
        StatusJournal.open(new FileJournalDisk(folder.resolve("status.journal")), SETTINGS, wall)) {
      assertThat(again.pending()).hasSize(201);
    }
  }

  /** A disk whose fsyncs are counted, and whose writes can be held up. */
  private static final class CountedDisk implements JournalDisk {
    private final JournalDisk disk;
    private final AtomicInteger syncs = new AtomicInteger();
    private volatile CountDownLatch held = new CountDownLatch(0);

    CountedDisk(JournalDisk disk) {
      this.disk = disk;
    }

    @Override
    public byte[] load() throws IOException {
      return disk.load();
    }

    @Override
    public void keepAside(boolean readable) throws IOException {
      disk.keepAside(readable);
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      try {
        held.await();
      } catch (InterruptedException closing) {
        Thread.currentThread().interrupt();
      }
      disk.append(bytes);
    }

    @Override
    public void sync() throws IOException {
      disk.sync();
      syncs.incrementAndGet();
    }

    @Override
    public void replace(byte[] content) throws IOException {
      disk.replace(content);
      syncs.incrementAndGet();
    }

    @Override
    public void close() {
      disk.close();
    }
  }

  @Test
  void withinOneGapThereIsOneSync() throws InterruptedException {
    assertThat(fate(append("EG_1", "a"))).isEqualTo(Durability.DURABLE);
    int before = disk.syncs();
    Ticket second = append("EG_1", "b");
    append("EG_1", "c");
    assertThat(second.durable(Deadline.in(wall, Duration.ofMillis(100))))
        .isEqualTo(Durability.NOT_YET);
    assertThat(disk.syncs()).isEqualTo(before);
    assertThat(fate(second)).isEqualTo(Durability.DURABLE);
    assertThat(disk.syncs()).isEqualTo(before + 1);
  }

  @Test
  void aTornTailCostsOnlyTheReportThatWasTorn() throws InterruptedException {
    append("EG_1", "whole");
    assertThat(fate(append("EG_1", "torn"))).isEqualTo(Durability.DURABLE);
    byte[] full = disk.content();
    for (int cut = 1; cut <= 4; cut++) {
      disk = new MemoryDisk(Arrays.copyOf(full, full.length - cut));
      journal.close();
      open();
      assertThat(texts(journal.pending())).containsExactly("whole");
      assertThat(journal.stats().tornBytes()).isPositive();
    }
    assertThat(fate(append("EG_1", "after"))).isEqualTo(Durability.DURABLE);
    assertThat(texts(afterCrash().pending())).containsExactly("whole", "after");
    assertThat(journal.stats().tornBytes()).isZero();
  }

  @Test
  void anyDamagedByteIsNoticedAndEarlierReportsStay() throws InterruptedException {
    assertThat(fate(append("EG_1", "first"))).isEqualTo(Durability.DURABLE);
    int whole = disk.content().length;
    assertThat(fate(append("EG_1", "second"))).isEqualTo(Durability.DURABLE);
    byte[] full = disk.content();
    for (int at = whole; at < full.length; at++) {
      byte[] damaged = full.clone();
      damaged[at] ^= 0x10;
      journal.close();
      disk = new MemoryDisk(damaged);
      open();
      assertThat(texts(journal.pending())).as("byte %d", at).containsExactly("first");
    }
  }

  @Test
  void aFullDiskNeverLosesAReportAndIsMadeGoodLater() throws InterruptedException {
    assertThat(fate(append("EG_1", "before"))).isEqualTo(Durability.DURABLE);
    disk.failWith("No space left on device");
    Ticket inNeed = append("EG_1", "in need");
    assertThat(fate(inNeed)).isEqualTo(Durability.MEMORY_ONLY);
    Ticket next = append("EG_1", "at once");
    assertThat(next.durable(Deadline.in(wall, Duration.ofSeconds(5))))
        .isEqualTo(Durability.MEMORY_ONLY);
    assertThat(journal.stats().memoryOnly()).isEqualTo(2);
    assertThat(journal.stats().failing()).isTrue();
    assertThat(texts(journal.pending())).containsExactly("before", "in need", "at once");

    disk.heal();
    await()
        .until(() -> {
          time.advance(RETRY);
          return !journal.stats().failing();
        });
    assertThat(texts(afterCrash().pending())).containsExactly("before", "in need", "at once");
  }

  @Test
  void aHungDiskHoldsNobodyUp() throws InterruptedException {
    disk.hang();
    Ticket ticket = append("EG_1", "a");
    assertThat(ticket.durable(Deadline.in(wall, Duration.ofMillis(50))))
        .isEqualTo(Durability.NOT_YET);
    for (int i = 0; i < 1000; i++) {
      append("EG_" + i, "b");
      journal.acknowledge(ticket.record().sequence());
    }
    assertThat(journal.stats().depth()).isEqualTo(1000);
    disk.release();
    assertThat(fate(append("EG_1", "c"))).isEqualTo(Durability.DURABLE);
    assertThat(journal.pending()).hasSize(1001);
  }

  @Test
  void aDiskThatHangsForASecondCountsAsFailingAndNobodyWaitsForItAnyMore()
      throws InterruptedException {
    open(JournalSettings.standard(), time);
    assertThat(fate(append("EG_1", "before"))).isEqualTo(Durability.DURABLE);
    disk.hang();
    Ticket first = append("EG_1", "first");
    time.advance(GAP);
    await().until(disk::hangs);
    Ticket behind = append("EG_2", "behind it");
    time.advance(Duration.ofMillis(999));
    assertThat(now(first)).isEqualTo(Durability.NOT_YET);
    assertThat(journal.stats().failing()).isFalse();

    time.advance(Duration.ofMillis(1));
    assertThat(journal.stats().failing()).isTrue();
    assertThat(now(first)).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(now(behind)).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(now(append("EG_3", "later"))).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(journal.stats().memoryOnly()).isEqualTo(3);

    disk.release();
    await().until(() -> !journal.stats().failing());
    assertThat(texts(afterCrash().pending()))
        .containsExactly("before", "first", "behind it", "later");
  }

  @Test
  void aWriteThatWasOnlySlowLeavesNoAlarmBehind() throws InterruptedException {
    open(JournalSettings.standard(), time);
    assertThat(fate(append("EG_1", "a"))).isEqualTo(Durability.DURABLE);
    time.advance(Duration.ofSeconds(5));
    assertThat(journal.stats().failing()).isFalse();
    assertThat(fate(append("EG_1", "b"))).isEqualTo(Durability.DURABLE);
    assertThat(journal.stats().memoryOnly()).isZero();
  }

  @Test
  void anErrorCostsItsGroupTheDiskAndNeverTheJournalItsThread() throws InterruptedException {
    disk.failWith(new OutOfMemoryError("played by the test"));
    assertThat(fate(append("EG_1", "a"))).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(fate(append("EG_1", "b"))).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(journal.stats().failing()).isTrue();
    assertThat(journal.stats().memoryOnly()).isEqualTo(2);
    disk.heal();
    await()
        .until(() -> {
          time.advance(RETRY);
          return !journal.stats().failing();
        });
    assertThat(fate(append("EG_1", "c"))).isEqualTo(Durability.DURABLE);
    assertThat(texts(afterCrash().pending())).containsExactly("a", "b", "c");
  }

  @Test
  void soDoesAnErrorThatIsNotTheDisks() throws InterruptedException {
    AtomicBoolean broken = new AtomicBoolean(true);
    open(SETTINGS, new BrokenTimers(time, broken));
    assertThat(fate(append("EG_1", "a"))).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(journal.stats().failing()).isTrue();
    broken.set(false);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          time.advance(RETRY);
          return !journal.stats().failing();
        });
    assertThat(texts(afterCrash().pending())).containsExactly("a");
  }

  /** Has no memory for timers while it is broken. */
  private record BrokenTimers(TimeSource time, AtomicBoolean broken) implements TimeSource {
    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public long unixNanos() {
      return time.unixNanos();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      if (broken.get()) {
        throw new OutOfMemoryError("played by the test");
      }
      return time.after(delay, task);
    }
  }

  @Test
  void aMostlyAcknowledgedFileIsWrittenAnew() throws InterruptedException {
    open(new JournalSettings(GAP, RETRY, NEVER, 4096, 1 << 20, 1000), time);
    Ticket kept = append("EG_0", "kept");
    for (int i = 0; i < 200; i++) { // 33 kB, were nothing ever dropped
      Ticket ticket = append("EG_1", "x".repeat(100));
      assertThat(fate(ticket)).isEqualTo(Durability.DURABLE);
      journal.acknowledge(ticket.record().sequence());
    }
    assertThat(fate(append("EG_2", "kept too"))).isEqualTo(Durability.DURABLE);
    assertThat(journal.stats().rewrites()).isBetween(5L, 20L);
    assertThat(journal.stats().fileBytes()).isLessThan(5000).isEqualTo(disk.content().length);
    assertThat(texts(afterCrash().pending())).containsExactly("kept", "kept too");
    assertThat(journal.pending().getFirst().sequence()).isEqualTo(kept.record().sequence());
  }

  @Test
  void whatDoesNotFitIntoTheFileStaysInMemory() throws InterruptedException {
    open(new JournalSettings(GAP, RETRY, NEVER, 1000, 2000, 1000), time);
    int memoryOnly = 0;
    for (int i = 0; i < 30; i++) {
      if (fate(append("EG_" + i, "z".repeat(100))) == Durability.MEMORY_ONLY) {
        memoryOnly++;
      }
    }
    assertThat(memoryOnly).isBetween(10, 20);
    assertThat(journal.pending()).hasSize(30);
    assertThat(disk.content().length).isLessThanOrEqualTo(2000);
  }

  @Test
  void aFullFileIsAlarmedUntilAllThatWaitsFitsIntoIt() throws InterruptedException {
    open(new JournalSettings(GAP, RETRY, NEVER, 1 << 20, 2000, 1000), time);
    List<Ticket> tickets = new ArrayList<>();
    do {
      assertThat(tickets).as("reports of 100 bytes in a file of 2000").hasSizeLessThan(30);
      assertThat(journal.stats().failing()).isFalse();
      tickets.add(append("EG_" + tickets.size(), "z".repeat(100)));
    } while (fate(tickets.getLast()) == Durability.DURABLE);
    assertThat(journal.stats().failing()).isTrue();
    time.advance(RETRY.multipliedBy(3)); // all that waits does not fit either
    Ticket next = append("EG_next", "z".repeat(100));
    assertThat(fate(next)).isEqualTo(Durability.MEMORY_ONLY);
    assertThat(journal.stats().failing()).isTrue();

    tickets.forEach(ticket -> journal.acknowledge(ticket.record().sequence()));
    await()
        .until(() -> {
          time.advance(RETRY);
          return !journal.stats().failing();
        });
    assertThat(texts(afterCrash().pending())).containsExactly("z".repeat(100));
    assertThat(journal.pending().getFirst().key()).isEqualTo("EG_next");
  }

  @Test
  void aDamagedFileIsKeptAsideAndWhatIsWholeInItIsTakenUp() throws InterruptedException {
    append("EG_1", "first");
    Ticket second = append("EG_2", "second");
    append("EG_3", "third");
    assertThat(fate(append("EG_4", "fourth"))).isEqualTo(Durability.DURABLE);
    byte[] damaged = disk.content();
    int at = new String(damaged, StandardCharsets.ISO_8859_1).indexOf("second");
    damaged[at] ^= 0x20;
    journal.close();
    disk = new MemoryDisk(damaged);
    open();

    assertThat(texts(journal.pending())).containsExactly("first", "third", "fourth");
    assertThat(journal.stats().damaged()).isTrue();
    assertThat(disk.aside()).hasValueSatisfying(kept -> assertThat(kept).isEqualTo(damaged));
    assertThat(append("EG_5", "fifth").record().sequence())
        .isGreaterThan(second.record().sequence());
    await()
        .until(() -> {
          time.advance(GAP);
          return journal.stats().rewrites() > 0;
        });
    assertThat(texts(afterCrash().pending())).containsExactly("first", "third", "fourth", "fifth");
    assertThat(journal.stats().damaged()).isFalse();
  }

  @Test
  void aFileThatCannotBeReadIsMovedAsideAndStopsNobody() throws InterruptedException {
    assertThat(fate(append("EG_1", "lost"))).isEqualTo(Durability.DURABLE);
    byte[] unreadable = disk.content();
    journal.close();
    disk = new MemoryDisk(unreadable);
    disk.cannotBeRead();
    open();

    assertThat(journal.pending()).isEmpty();
    assertThat(journal.stats().damaged()).isTrue();
    assertThat(disk.aside()).hasValueSatisfying(kept -> assertThat(kept).isEqualTo(unreadable));
    assertThat(fate(append("EG_2", "next"))).isEqualTo(Durability.DURABLE);
    assertThat(texts(afterCrash().pending())).containsExactly("next");
  }

  @Test
  void soItIsOnARealDisk(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("status.journal");
    Files.createDirectory(file); // as good as a bad sector: reading it fails
    try (StatusJournal real = StatusJournal.open(new FileJournalDisk(file), SETTINGS, wall)) {
      assertThat(real.stats().damaged()).isTrue();
      Ticket ticket = real.append("EG_1", 1, new byte[] {1}, false);
      assertThat(ticket.durable(Deadline.in(wall, Duration.ofSeconds(10))))
          .isEqualTo(Durability.DURABLE);
    }
    assertThat(folder.resolve("status.journal.damaged")).isDirectory();
    byte[] good = Files.readAllBytes(file);
    byte[] damaged = good.clone();
    damaged[9] ^= 0x10; // the header
    Files.delete(folder.resolve("status.journal.damaged"));
    Files.write(file, damaged);
    try (StatusJournal again = StatusJournal.open(new FileJournalDisk(file), SETTINGS, wall)) {
      assertThat(again.pending()).hasSize(1);
    }
    assertThat(folder.resolve("status.journal.damaged")).hasBinaryContent(damaged);
  }

  @Test
  void whenMemoryRunsFullOnlyReportsThatALaterOneReplacesGiveWay() {
    open(new JournalSettings(GAP, RETRY, NEVER, 1 << 20, 1 << 20, 4), time);
    journal.append("EG_1", 1, "final".getBytes(StandardCharsets.UTF_8), true);
    append("EG_2", "starting");
    append("EG_2", "active");
    append("EG_3", "starting");
    append("EG_2", "ending");
    assertThat(texts(journal.pending())).containsExactly("final", "starting", "ending");
    assertThat(journal.stats().superseded()).isEqualTo(2);
  }

  @Test
  void sequencesRiseEvenIfTheDiskWasLost() throws InterruptedException {
    Ticket before = append("EG_1", "a");
    assertThat(fate(before)).isEqualTo(Durability.DURABLE);
    time.advance(Duration.ofSeconds(1));
    journal.close();
    disk = new MemoryDisk();
    open();
    assertThat(append("EG_1", "b").record().sequence()).isGreaterThan(before.record().sequence());
  }

  @Test
  void theAgeOfTheOldestOpenReportIsTold() {
    assertThat(journal.stats().oldestAge()).isZero();
    Ticket first = append("EG_1", "a");
    time.advance(Duration.ofSeconds(3));
    append("EG_1", "b");
    assertThat(journal.stats().oldestAge()).isEqualTo(Duration.ofSeconds(3));
    journal.acknowledge(first.record().sequence());
    assertThat(journal.stats().oldestAge()).isZero();
    assertThat(journal.stats().depth()).isEqualTo(1);
  }

  @Test
  void aClosedJournalStillTakesReportsIntoMemory() throws InterruptedException {
    journal.close();
    assertThat(append("EG_1", "late").durable(Deadline.in(wall, Duration.ofSeconds(1))))
        .isEqualTo(Durability.MEMORY_ONLY);
  }

  @Test
  void closingWritesWhatWaits() throws InterruptedException {
    assertThat(fate(append("EG_1", "a"))).isEqualTo(Durability.DURABLE);
    append("EG_1", "b"); // its gap has not passed
    assertThat(texts(afterCrashOfNothing().pending())).containsExactly("a", "b");
  }

  private StatusJournal afterCrashOfNothing() {
    journal.close();
    disk = disk.copy();
    open();
    return journal;
  }

  @Test
  void aJournalOfANewerProgramIsRefusedAndLeftAlone() {
    byte[] newer = JournalFormat.header(1).array();
    newer[8 + 1 + 3] = 2; // the version's low byte
    CRC32C crc = new CRC32C();
    crc.update(newer, 8, newer.length - 8);
    ByteBuffer.wrap(newer).putInt(4, (int) crc.getValue());
    MemoryDisk theirs = new MemoryDisk(newer);
    assertThatThrownBy(() -> StatusJournal.open(theirs, SETTINGS, time))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("version 2");
    assertThat(theirs.content()).isEqualTo(newer);
  }

  @Test
  void aRealFileSurvivesAndItsTornTailIsCut(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("new/status.journal");
    try (StatusJournal real = StatusJournal.open(new FileJournalDisk(file), SETTINGS, wall)) {
      List<Ticket> tickets = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        tickets.add(real.append("EG_1", 1, new byte[] {(byte) i}, i == 49));
      }
      for (Ticket ticket : tickets) {
        assertThat(ticket.durable(Deadline.in(wall, Duration.ofSeconds(10))))
            .isEqualTo(Durability.DURABLE);
      }
      tickets.subList(0, 40).forEach(ticket -> real.acknowledge(ticket.record().sequence()));
    }
    Files.write(file, new byte[] {0, 0, 0, 99, 1}, StandardOpenOption.APPEND);
    try (StatusJournal again = StatusJournal.open(new FileJournalDisk(file), SETTINGS, wall)) {
      assertThat(again.pending()).hasSize(10);
      assertThat(again.stats().tornBytes()).isEqualTo(5);
      Ticket more = again.append("EG_2", 1, new byte[0], false);
      assertThat(more.durable(Deadline.in(wall, Duration.ofSeconds(10))))
          .isEqualTo(Durability.DURABLE);
    }
    try (StatusJournal third = StatusJournal.open(new FileJournalDisk(file), SETTINGS, wall)) {
      assertThat(third.pending()).hasSize(11);
      assertThat(third.stats().tornBytes()).isZero();
    }
  }
}
