package io.spillway.media;

import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;

/**
 * The frames of a finished file of ours, in the order in which they were written. The file must not
 * change meanwhile and stays its opener's to close. Not thread-safe.
 *
 * <p>{@link #data} and what goes with it are valid until the next {@link #next}, as the reader
 * reuses them. Fillers that a writer put in (silence) come out as frames like any other.
 */
public interface TrackReader {
  /** Moves to the next frame; false behind the last one. */
  boolean next() throws IOException;

  /** When the frame starts, in ticks of the codec's clock since the start of the file. */
  long atTicks();

  /** Whether it can be decoded without anything before it. */
  boolean key();

  /** Holds the frame at {@link #offset}, {@link #length} bytes long, as a writer takes it. */
  byte[] data();

  /** See {@link #data}. */
  int offset();

  /** See {@link #data}. */
  int length();

  /** Where the file ends, in ticks since its start: behind the last frame, or as long as held. */
  long endTicks();

  /** Sound in two channels. */
  boolean stereo();

  /** The largest picture; unknown for sound. */
  PictureSize size();

  /**
   * What the container tells a decoder before the first frame; empty where frames tell all
   * themselves. Two files whose last and first are the same can be one.
   */
  byte[] firstSetup();

  /** The same as it stands at the end of the file. */
  byte[] lastSetup();
}
