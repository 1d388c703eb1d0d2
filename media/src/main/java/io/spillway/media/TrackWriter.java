package io.spillway.media;

import java.io.IOException;

/**
 * One track into one container file. Not thread-safe: one thread at a time. Times are ticks of the
 * codec's clock ({@link io.spillway.core.media.Codec#clockRate}) since the start of the file, never
 * going back.
 *
 * <p>Whatever was flushed plays, also after {@code kill -9}. A full disk surfaces as {@link
 * IOException}; what was flushed before stays valid, and {@link #finish} may still be called to
 * close the file at its last whole frame.
 */
public interface TrackWriter extends AutoCloseable {
  /**
   * Adds a frame. {@code atTicks} is when it starts. Time that no frame covers is filled as the
   * container allows: silence packets for Opus, the frame before held on for pictures.
   *
   * @param data in the shape that {@code Frame.data} documents for the codec
   */
  void frame(long atTicks, boolean key, byte[] data, int offset, int length) throws IOException;

  /**
   * Says that the track was silent or still until {@code atTicks}, so that the file is that long
   * even if no frame follows.
   */
  void holdUntil(long atTicks) throws IOException;

  /** Hands all whole frames to the file. Called about once a second. */
  void flush() throws IOException;

  /**
   * Makes what was flushed survive a power cut (fsync). May be called from another thread than the
   * rest, as long as the file is open.
   */
  void sync() throws IOException;

  /** Bytes in the file now. */
  long bytesWritten();

  /**
   * Makes the file seekable, closes it and tells what it holds; {@link #close} after it does
   * nothing. If it throws (or something before it did), it may be called once more: the file is
   * then closed at its last whole frame, with an index if there is room for one, and a full disk is
   * no longer an error. A track of which no frame came leaves an empty file.
   */
  Finished finish() throws IOException;

  /** Gives the file up where it stands, without the index: what a crash would leave. */
  @Override
  void close();

  /**
   * A finished file.
   *
   * @param durationTicks from the first frame to the end of the last one
   * @param bytes the file's size
   * @param frames frames that came in, fillers not counted
   */
  record Finished(long durationTicks, long bytes, long frames) {}
}
