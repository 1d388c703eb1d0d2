package io.spillway.rtc.codec;

import java.util.Arrays;

/**
 * The newest H.264 or H.265 parameter sets of a stream by kind and id, so that a key frame whose
 * sets came earlier can carry them. Allocates only when a set is new or changed.
 */
final class ParameterSets {
  /** A stream uses one or two of each; beyond this the oldest is forgotten. */
  private static final int MAX_SETS = 16;

  /** A real parameter set has some dozen bytes. */
  private static final int MAX_SET_BYTES = 1 << 10;

  private static final int KINDS = 64;
  private static final byte[] NONE = new byte[0];

  private final byte[][] sets = new byte[MAX_SETS][];
  private final int[] kinds = new int[MAX_SETS];
  private final long[] ids = new long[MAX_SETS];
  private int count;

  /** Remembers a NAL unit in place of an earlier one of its kind (the NAL type) and id. */
  void keep(int kind, long id, byte[] data, int offset, int length) {
    if (length > MAX_SET_BYTES) {
      return;
    }
    int slot = 0;
    while (slot < count && (kinds[slot] != kind || ids[slot] != id)) {
      slot++;
    }
    if (slot < count
        && Arrays.equals(sets[slot], 0, sets[slot].length, data, offset, offset + length)) {
      return;
    }
    if (slot == MAX_SETS) {
      slot = MAX_SETS - 1;
      System.arraycopy(sets, 1, sets, 0, slot);
      System.arraycopy(kinds, 1, kinds, 0, slot);
      System.arraycopy(ids, 1, ids, 0, slot);
    }
    kinds[slot] = kind;
    ids[slot] = id;
    sets[slot] = Arrays.copyOfRange(data, offset, offset + length);
    count = Math.max(count, slot + 1);
  }

  /** Whether there is a set of this kind. */
  boolean has(int kind) {
    for (int i = 0; i < count; i++) {
      if (kinds[i] == kind) {
        return true;
      }
    }
    return false;
  }

  /** Puts all sets in front of the picture, smaller kinds first; false when it grows too large. */
  boolean prepend(Picture picture) {
    int at = 0;
    for (int kind = 0; kind < KINDS; kind++) {
      for (int i = 0; i < count; i++) {
        if (kinds[i] == kind) {
          byte[] set = sets[i];
          if (!picture.insert(at, 4 + set.length)) {
            return false;
          }
          picture.putInt(at, set.length);
          System.arraycopy(set, 0, picture.data, at + 4, set.length);
          at += 4 + set.length;
        }
      }
    }
    return true;
  }

  void clear() {
    Arrays.fill(sets, 0, count, NONE);
    count = 0;
  }
}
