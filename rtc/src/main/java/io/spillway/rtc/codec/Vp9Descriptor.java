package io.spillway.rtc.codec;

/** The VP9 payload descriptor (RFC 9628 section 4.2), read into fields; reused for each payload. */
final class Vp9Descriptor {
  static final int NO_ID = -1;
  static final int MAX_LAYERS = 8;
  private static final int MAX_REFERENCES = 3;

  boolean layered;
  boolean begin;
  boolean end;
  boolean longId;
  int pictureId;
  int spatialLayer;
  boolean dependsOnLowerLayer;

  /** Layers that the last scalability structure named, and their sizes; 0 when none has come. */
  int layers;

  final int[] widths = new int[MAX_LAYERS];
  final int[] heights = new int[MAX_LAYERS];

  private byte[] data = new byte[0];
  private int position;
  private int limit;

  /**
   * Reads a payload's descriptor.
   *
   * @return its length, or -1 when it is cut short or nothing follows it
   */
  int parse(byte[] buffer, int offset, int length) {
    data = buffer;
    position = offset;
    limit = offset + length;
    int flags = next();
    boolean flexible = (flags & 0x10) != 0;
    layered = (flags & 0x20) != 0;
    begin = (flags & 0x08) != 0;
    end = (flags & 0x04) != 0;
    pictureId = NO_ID;
    longId = false;
    spatialLayer = 0;
    dependsOnLowerLayer = false;
    if ((flags & 0x80) != 0) {
      readPictureId();
    }
    if (layered) {
      int layer = next();
      spatialLayer = (layer >> 1) & 7;
      dependsOnLowerLayer = (layer & 1) != 0;
      if (!flexible) {
        next();
      }
    }
    if (flexible && (flags & 0x40) != 0 && !skipReferences()) {
      return -1;
    }
    if ((flags & 0x02) != 0) {
      readStructure();
    }
    return position < limit ? position - offset : -1;
  }

  private void readPictureId() {
    int first = next();
    longId = (first & 0x80) != 0;
    pictureId = longId ? ((first & 0x7f) << 8) | next() : first;
  }

  private boolean skipReferences() {
    for (int i = 0; i < MAX_REFERENCES; i++) {
      if ((next() & 1) == 0) {
        return true;
      }
    }
    return false;
  }

  private void readStructure() {
    int head = next();
    layers = (head >> 5) + 1;
    boolean sizes = (head & 0x10) != 0;
    for (int i = 0; i < layers; i++) {
      widths[i] = sizes ? nextShort() : 0;
      heights[i] = sizes ? nextShort() : 0;
    }
    if ((head & 0x08) != 0) {
      int pictures = next();
      for (int i = 0; i < pictures; i++) {
        int references = (next() >> 2) & 3;
        position += references;
      }
    }
  }

  private int nextShort() {
    int high = next();
    return (high << 8) | next();
  }

  /** Zero past the end; the position then tells that the descriptor was cut short. */
  private int next() {
    int value = position < limit ? data[position] & 0xff : 0;
    position++;
    return value;
  }
}
