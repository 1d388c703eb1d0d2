package io.spillway.media;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A byte array that grows as it is written to, big-endian as EBML and MP4 want it. Reused from one
 * flush to the next, so that the steady path allocates nothing. Not thread-safe.
 */
public final class GrowingBytes {
  private byte[] bytes;
  private int size;

  /** Starts with room for {@code capacity} bytes. */
  public GrowingBytes(int capacity) {
    bytes = new byte[capacity];
  }

  /** The bytes from 0 to {@link #size}; another array after the next write that grows it. */
  public byte[] array() {
    return bytes;
  }

  /** Bytes written so far. */
  public int size() {
    return size;
  }

  /** Forgets what was written, keeps the room. */
  public void clear() {
    size = 0;
  }

  /** A copy of what was written. */
  public byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  /** Leaves {@code count} bytes to be filled in later; they may hold old data. */
  public void skip(int count) {
    room(count);
    size += count;
  }

  public GrowingBytes u8(int value) {
    room(1);
    bytes[size++] = (byte) value;
    return this;
  }

  public GrowingBytes u16(int value) {
    return u8(value >> 8).u8(value);
  }

  public GrowingBytes u32(long value) {
    return u16((int) (value >> 16)).u16((int) value);
  }

  public GrowingBytes u64(long value) {
    return u32(value >>> 32).u32(value);
  }

  public GrowingBytes zeros(int count) {
    room(count);
    Arrays.fill(bytes, size, size + count, (byte) 0);
    size += count;
    return this;
  }

  public GrowingBytes bytes(byte[] data, int offset, int length) {
    room(length);
    System.arraycopy(data, offset, bytes, size, length);
    size += length;
    return this;
  }

  public GrowingBytes bytes(byte[] data) {
    return bytes(data, 0, data.length);
  }

  /** The characters of an ASCII text. */
  public GrowingBytes ascii(String text) {
    return bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Overwrites four bytes written before. */
  public void patchU32(int at, long value) {
    bytes[at] = (byte) (value >> 24);
    bytes[at + 1] = (byte) (value >> 16);
    bytes[at + 2] = (byte) (value >> 8);
    bytes[at + 3] = (byte) value;
  }

  private void room(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, Math.max(size + count, bytes.length * 2));
    }
  }
}
