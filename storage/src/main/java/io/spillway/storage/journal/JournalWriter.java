package io.spillway.storage.journal;

import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's hand on the disk: appends groups, rewrites the file when it is mostly acknowledged
 * or was damaged, and backs off from a disk that fails. {@link #write} runs on the journal's
 * thread; the figures may be read from any. {@link #hangs} and {@link #returned} are called under
 * the journal's lock.
 */
final class JournalWriter {
  private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);

  private final JournalDisk disk;
  private final JournalSettings settings;
  private final TimeSource time;
  private final long tornBytes;
  private final boolean damaged;
  // changed by the journal's thread alone
  private final AtomicLong fileBytes = new AtomicLong();
  private final AtomicLong syncs = new AtomicLong();
  private final AtomicLong memoryOnly = new AtomicLong();
  private final AtomicLong rewrites = new AtomicLong();
  private volatile boolean failed;
  private volatile boolean hung;
  private volatile boolean mustRewrite;
  private volatile long notBeforeNanos; // the next fsync, or the next try of a failing disk

  /**
   * The journal's state when a group was taken.
   *
   * @param whole whether the file is to be rewritten
   * @param all every pending report if it is, else none
   */
  record Snapshot(long nextSequence, boolean whole, List<JournalRecord> all) {}

  JournalWriter(
      JournalDisk disk, JournalSettings settings, TimeSource time, JournalOpening.Found found) {
    JournalFormat.Content content = found.content();
    this.disk = disk;
    this.settings = settings;
    this.time = time;
    this.fileBytes.set(found.bytes());
    this.tornBytes = (long) found.bytes() - content.wholeBytes();
    this.damaged = found.damaged();
    // a new file needs its header, and behind a torn tail nothing could be read again
    this.mustRewrite = content.wholeBytes() == 0 || tornBytes > 0 || damaged;
    this.notBeforeNanos = time.nanos();
    if (tornBytes > 0) {
      log.atWarn()
          .addKeyValue("bytes", tornBytes)
          .addKeyValue("reports", content.pending().size())
          .log("the status journal's tail was torn and is cut off");
    }
  }

  /** How long until the disk may be used: zero or less for now. */
  long waitNanos(boolean reportsWait) {
    if (failed && reportsWait) {
      return 0; // they are answered without the disk
    }
    return notBeforeNanos - time.nanos();
  }

  /** Whether the next group should rewrite the file, given the frames' size of all that pends. */
  boolean wantsWhole(long pendingBytes) {
    if (failed) {
      return notBeforeNanos - time.nanos() <= 0;
    }
    return mustRewrite || isMostlyDone(pendingBytes);
  }

  private boolean isMostlyDone(long pendingBytes) {
    return fileBytes.get() > settings.compactAboveBytes() && pendingBytes < fileBytes.get() / 2;
  }

  /** Writes a group; what its reports are to be told. Nothing is thrown for what the disk does. */
  Durability write(List<Ticket> reports, List<Long> acknowledged, Snapshot snapshot) {
    if (failed && !snapshot.whole()) {
      return Durability.MEMORY_ONLY;
    }
    try {
      append(reports, acknowledged, snapshot);
      recovered();
      return Durability.DURABLE;
    } catch (IOException | RuntimeException | Error failure) { // out of memory: as a full disk
      failed(failure);
      return Durability.MEMORY_ONLY;
    }
  }

  private void append(List<Ticket> reports, List<Long> acknowledged, Snapshot snapshot)
      throws IOException {
    if (snapshot.whole()) {
      rewrite(snapshot);
      return;
    }
    List<ByteBuffer> frames = new ArrayList<>();
    reports.forEach(ticket -> frames.add(JournalFormat.report(ticket.record())));
    acknowledged.forEach(sequence -> frames.add(JournalFormat.acknowledged(sequence)));
    byte[] group = joined(frames);
    requireRoom(fileBytes.get() + group.length);
    fileBytes.addAndGet(group.length);
    disk.append(ByteBuffer.wrap(group));
    if (!reports.isEmpty()) {
      disk.sync();
      synced();
    }
  }

  /** A file at its bound is as a disk that is full: what it does not take is seen from outside. */
  private void requireRoom(long bytes) throws IOException {
    if (bytes > settings.mostBytes()) {
      throw new IOException("the file may have %d bytes at most".formatted(settings.mostBytes()));
    }
  }

  private void rewrite(Snapshot snapshot) throws IOException {
    List<ByteBuffer> frames = new ArrayList<>();
    frames.add(JournalFormat.header(snapshot.nextSequence()));
    snapshot.all().forEach(record -> frames.add(JournalFormat.report(record)));
    byte[] content = joined(frames);
    requireRoom(content.length);
    disk.replace(content);
    fileBytes.set(content.length);
    mustRewrite = false;
    rewrites.incrementAndGet();
    synced();
  }

  private static byte[] joined(List<ByteBuffer> frames) {
    int size = 0;
    for (ByteBuffer frame : frames) {
      size += frame.remaining();
    }
    ByteBuffer joined = ByteBuffer.allocate(size);
    frames.forEach(joined::put);
    return joined.array();
  }

  private void synced() {
    syncs.incrementAndGet();
    notBeforeNanos = time.nanos() + settings.syncGap().toNanos();
  }

  /**
   * The disk, or we, did not manage: reports are kept in memory until the whole file is written.
   */
  void failed(Throwable failure) {
    notBeforeNanos = time.nanos() + settings.retryAfter().toNanos();
    boolean known = failing();
    failed = true;
    mustRewrite = true; // half a frame may lie at its end
    if (!known) {
      log.atError()
          .addKeyValue("why", failure.toString())
          .log("the status journal can't be written: reports are kept in memory only");
    }
  }

  /** The write that is under way takes too long: nobody is to wait for it. */
  void hangs() {
    boolean known = failing();
    hung = true;
    if (!known) {
      log.atError()
          .addKeyValue("after_ms", settings.hungAfter().toMillis())
          .log("the status journal's disk hangs: reports are kept in memory only until it answers");
    }
  }

  /** The write under way ended. What it kept from the file is made good at once. */
  void returned() {
    if (hung) {
      hung = false;
      failed = true;
      mustRewrite = true;
      notBeforeNanos = time.nanos();
    }
  }

  private void recovered() {
    if (failed) {
      failed = false;
      log.atInfo().log("the status journal can be written again and holds all open reports");
    }
  }

  /** Counts what is kept in memory only before it tells; a fate that was told before stays. */
  void answer(List<Ticket> reports, Durability fate) {
    for (Ticket ticket : reports) {
      if (ticket.settle(fate) && fate == Durability.MEMORY_ONLY) {
        memoryOnly.incrementAndGet();
      }
      ticket.tell();
    }
  }

  long fileBytes() {
    return fileBytes.get();
  }

  long syncs() {
    return syncs.get();
  }

  long memoryOnly() {
    return memoryOnly.get();
  }

  long rewrites() {
    return rewrites.get();
  }

  long tornBytes() {
    return tornBytes;
  }

  boolean damaged() {
    return damaged;
  }

  boolean failing() {
    return failed || hung;
  }

  boolean isHung() {
    return hung;
  }

  void close() {
    disk.close();
  }
}
