package io.spillway.media;

import io.spillway.media.bitstream.PictureSize;
import java.io.IOException;

/**
 * The frames of a finished file of ours, in the order in which they were written. The file must not
 * change meanwhile and stays its opener's to close. Not thread-safe.
 *
 * <p>Fillers that a writer put in (silence) come out as frames like any other.
 */
public interface TrackReader {
  /** Reads the next frame into {@code frame}; false behind the last one. */
  boolean next(ReadFrame frame) throws IOException;

  /** Where the file ends, in ticks since its start: behind the last frame, or as long as held. */
  long endTicks();

  /** Sound in two channels. */
  default boolean stereo() {
    return false;
  }

  /** The largest picture; unknown for sound. */
  default PictureSize size() {
    return PictureSize.UNKNOWN;
  }

  /**
   * What the container tells a decoder before the first frame; empty where frames tell all
   * themselves. Two files whose last and first are the same can be one.
   */
  default byte[] firstSetup() {
    return new byte[0];
  }

  /**
   * The same as it stands at the end of the file; the same as at its start unless it may change.
   */
  default byte[] lastSetup() {
    return firstSetup();
  }
}
