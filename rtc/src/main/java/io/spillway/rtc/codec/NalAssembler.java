package io.spillway.rtc.codec;

/**
 * Writes NAL units into a picture, each after its four-byte length, whole or from fragments. What
 * H.264 and H.265 share.
 */
final class NalAssembler {
  private int start;
  private boolean open;
  private boolean skipping;

  /** Whether a fragmented unit has begun and not ended. */
  boolean fragmentOpen() {
    return open;
  }

  void clear() {
    open = false;
    skipping = false;
  }

  /** Adds a whole unit; false when the picture grows too large. */
  boolean add(byte[] buffer, int offset, int length, Picture picture) {
    int at = picture.length;
    if (!picture.insert(at, 4)) {
      return false;
    }
    picture.putInt(at, length);
    return picture.append(buffer, offset, length);
  }

  /**
   * Begins a fragmented unit; its header bytes follow by {@link #header}.
   *
   * @param skip whether the unit is to be left out
   */
  boolean beginFragment(boolean skip, Picture picture) {
    if (open) {
      return false;
    }
    open = true;
    skipping = skip;
    start = picture.length;
    return skip || picture.insert(start, 4);
  }

  boolean header(int value, Picture picture) {
    return skipping || picture.append(value);
  }

  /** Adds a fragment; false when none was begun. */
  boolean fragment(byte[] buffer, int offset, int length, boolean last, Picture picture) {
    if (!open || (!skipping && !picture.append(buffer, offset, length))) {
      return false;
    }
    if (last) {
      if (!skipping) {
        picture.putInt(start, picture.length - start - 4);
      }
      open = false;
    }
    return true;
  }
}
