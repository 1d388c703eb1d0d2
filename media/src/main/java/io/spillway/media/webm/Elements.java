package io.spillway.media.webm;

import io.spillway.media.FileWindow;
import java.io.IOException;

/**
 * Where the elements of an EBML file lie. Leading zeros tell how long an id or a size is (RFC 8794,
 * section 4).
 */
record Elements(FileWindow window) {
  int id(long element) throws IOException {
    return (int) (window.u32(element) >>> (32 - 8 * idBytes(element)));
  }

  private int idBytes(long element) throws IOException {
    return Math.min(4, lengthAt(element));
  }

  /** 9 where no size can be. */
  private int lengthAt(long at) throws IOException {
    return Integer.numberOfLeadingZeros(window.u8(at)) - 23;
  }

  /** Where an element's content begins. */
  long content(long element) throws IOException {
    long sizeAt = element + idBytes(element);
    return sizeAt + lengthAt(sizeAt);
  }

  /** Where an element ends; behind any file if its size is none. */
  long end(long element) throws IOException {
    long sizeAt = element + idBytes(element);
    int bytes = lengthAt(sizeAt);
    if (bytes > 8) {
      return Long.MAX_VALUE / 2;
    }
    long size = window.u8(sizeAt) & ((1 << (8 - bytes)) - 1);
    for (int i = 1; i < bytes; i++) {
      size = size << 8 | window.u8(sizeAt + i);
    }
    return sizeAt + bytes + size;
  }
}
