package io.spillway.storage.journal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A journal's file in memory that counts its syncs, and can be full or hang. Thread-safe. */
final class MemoryDisk implements JournalDisk {
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private Optional<String> failure = Optional.empty();
  private Optional<Error> error = Optional.empty();
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean hangs;
  private int syncs;
  private boolean unreadable;
  private Optional<byte[]> aside = Optional.empty();

  MemoryDisk() {}

  MemoryDisk(byte[] content) {
    file.writeBytes(content);
  }

  synchronized MemoryDisk copy() {
    return new MemoryDisk(file.toByteArray());
  }

  synchronized byte[] content() {
    return file.toByteArray();
  }

  /** What was kept aside. */
  synchronized Optional<byte[]> aside() {
    return aside;
  }

  synchronized void cannotBeRead() {
    unreadable = true;
  }

  synchronized int syncs() {
    return syncs;
  }

  synchronized void failWith(String why) {
    failure = Optional.of(why);
  }

  synchronized void failWith(Error why) {
    error = Optional.of(why);
  }

  synchronized void heal() {
    failure = Optional.empty();
    error = Optional.empty();
  }

  /** Whether somebody waits for it. */
  boolean hangs() {
    return hangs;
  }

  void hang() {
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  boolean holdsAcknowledgement(long sequence) {
    byte[] wanted = JournalFormat.acknowledged(sequence).array();
    byte[] all = content();
    for (int at = 0; at + wanted.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public synchronized byte[] load() throws IOException {
    if (unreadable) {
      throw new IOException("Input/output error");
    }
    return file.toByteArray();
  }

  @Override
  public synchronized void keepAside(boolean readable) {
    aside = Optional.of(file.toByteArray());
    if (!readable) {
      file.reset();
    }
  }

  @Override
  public void append(ByteBuffer bytes) throws IOException {
    passGate();
    synchronized (this) {
      if (failure.isPresent()) {
        file.write(bytes.get()); // a full disk takes a part of it
        throw new IOException(failure.get());
      }
      while (bytes.hasRemaining()) {
        file.write(bytes.get());
      }
    }
  }

  @Override
  public void sync() throws IOException {
    passGate();
    synchronized (this) {
      if (failure.isPresent()) {
        throw new IOException(failure.get());
      }
      syncs++;
    }
  }

  @Override
  public void replace(byte[] content) throws IOException {
    passGate();
    synchronized (this) {
      if (failure.isPresent()) {
        throw new IOException(failure.get());
      }
      file.reset();
      file.writeBytes(content);
      syncs++;
    }
  }

  private void passGate() throws IOException {
    synchronized (this) {
      if (error.isPresent()) {
        throw error.get();
      }
    }
    try {
      hangs = gate.getCount() > 0;
      gate.await();
      hangs = false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("closed while the disk hung");
    }
  }

  @Override
  public void close() {}
}
