package io.spillway.rtc.codec;

/** VP8 (RFC 7741). A payload is a descriptor of one to six bytes and a piece of the frame. */
final class Vp8Format implements PayloadFormat {
  private static final int KEY_HEADER_BYTES = 10;
  private static final int NO_ID = -1;

  /** Picture id of the last whole picture and of the present one; {@link #NO_ID} without. */
  private int lastId = NO_ID;

  private int id = NO_ID;

  @Override
  public boolean begins(byte[] buffer, int offset, int length) {
    // S set and partition index 0 (RFC 7741 4.2).
    return length > 0 && (buffer[offset] & 0x17) == 0x10;
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    int header = headerLength(buffer, offset, length);
    return header > 0 && begins(buffer, offset, length) && (buffer[offset + header] & 1) == 0;
  }

  @Override
  public boolean followsLastPicture(byte[] buffer, int offset, int length) {
    if (lastId == NO_ID || headerLength(buffer, offset, length) < 0) {
      return false;
    }
    int next = pictureId(buffer, offset);
    if (next == NO_ID || !begins(buffer, offset, length)) {
      return false;
    }
    int mask = isLongId(buffer, offset) ? 0x7fff : 0x7f;
    return next == ((lastId + 1) & mask);
  }

  @Override
  public boolean needsMarker() {
    return true;
  }

  @Override
  public void begin() {
    id = NO_ID;
  }

  @Override
  public boolean append(byte[] buffer, int offset, int length, Picture picture) {
    int header = headerLength(buffer, offset, length);
    if (header < 0) {
      return false;
    }
    if (picture.length == 0) {
      id = pictureId(buffer, offset);
    }
    return picture.append(buffer, offset + header, length - header);
  }

  @Override
  public Outcome finish(Picture picture) {
    byte[] data = picture.data;
    if (picture.length < 3) {
      return Outcome.BROKEN;
    }
    picture.key = (data[0] & 1) == 0;
    if (picture.key) {
      boolean whole =
          picture.length >= KEY_HEADER_BYTES
              && (data[3] & 0xff) == 0x9d
              && data[4] == 0x01
              && data[5] == 0x2a;
      if (!whole) {
        return Outcome.BROKEN;
      }
      // 14 bits of size, 2 bits of scaling (RFC 6386 9.1), little-endian.
      picture.width = (data[6] & 0xff) | ((data[7] & 0x3f) << 8);
      picture.height = (data[8] & 0xff) | ((data[9] & 0x3f) << 8);
    }
    lastId = id;
    return Outcome.USABLE;
  }

  @Override
  public void restart() {
    lastId = NO_ID;
    id = NO_ID;
  }

  /** Bytes of the descriptor, or -1 when nothing is left behind it. */
  private static int headerLength(byte[] buffer, int offset, int length) {
    if (length < 2) {
      return -1;
    }
    int header = 1;
    if ((buffer[offset] & 0x80) != 0) {
      int extensions = buffer[offset + 1];
      header++;
      if ((extensions & 0x80) != 0) {
        header += length > 2 && buffer[offset + 2] < 0 ? 2 : 1;
      }
      if ((extensions & 0x40) != 0) {
        header++;
      }
      if ((extensions & 0x30) != 0) {
        header++;
      }
    }
    return header < length ? header : -1;
  }

  private static boolean isLongId(byte[] buffer, int offset) {
    return buffer[offset + 2] < 0;
  }

  /** Call only after {@link #headerLength} found the descriptor whole. */
  private static int pictureId(byte[] buffer, int offset) {
    if ((buffer[offset] & 0x80) == 0 || (buffer[offset + 1] & 0x80) == 0) {
      return NO_ID;
    }
    int first = buffer[offset + 2] & 0x7f;
    return isLongId(buffer, offset) ? (first << 8) | (buffer[offset + 3] & 0xff) : first;
  }
}
