package io.spillway.rtc.codec;

/**
 * AV1 (RTP payload format for AV1, sections 4.3 to 4.5). Open bitstream units (OBUs) come without
 * or with size, whole or in pieces over packets; they leave with size, without temporal delimiters,
 * tile lists and padding.
 */
final class Av1Format implements PayloadFormat {
  private static final int SEQUENCE_HEADER = 1;
  private static final int TEMPORAL_DELIMITER = 2;
  private static final int FRAME_HEADER = 3;
  private static final int FRAME = 6;
  private static final int REDUNDANT_FRAME_HEADER = 7;
  private static final int TILE_GROUP = 4;
  private static final int METADATA = 5;
  private static final int HAS_SIZE = 0x02;
  private static final int HAS_EXTENSION = 0x04;
  private static final int CONTINUES = 0x80;
  private static final int CONTINUED = 0x40;
  private static final int NEW_SEQUENCE = 0x08;

  private final Av1SequenceHeader sequence = new Av1SequenceHeader();
  private int unitStart;
  private boolean unitOpen;
  private boolean hasSequence;
  private boolean hasFrame;

  @Override
  public boolean begins(byte[] buffer, int offset, int length) {
    return length > 1 && (buffer[offset] & CONTINUES) == 0;
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    return begins(buffer, offset, length) && (buffer[offset] & NEW_SEQUENCE) != 0;
  }

  @Override
  public boolean needsMarker() {
    return true;
  }

  @Override
  public void begin() {
    unitOpen = false;
    hasSequence = false;
    hasFrame = false;
  }

  @Override
  public boolean append(byte[] buffer, int offset, int length, Picture picture) {
    int head = buffer[offset];
    boolean continues = (head & CONTINUES) != 0;
    if (length < 2 || continues != unitOpen || (continues && (head & NEW_SEQUENCE) != 0)) {
      return false;
    }
    int elements = (head >> 4) & 3;
    int position = offset + 1;
    int end = offset + length;
    for (int i = 1; position < end; i++) {
      int size = end - position;
      if (elements == 0 || i < elements) {
        long prefix = Leb128.read(buffer, position, end);
        position += (int) (prefix >> 32);
        size = (int) prefix;
        if (prefix < 0 || size > end - position) {
          return false;
        }
      }
      boolean last = elements == 0 ? position + size == end : i == elements;
      boolean whole = !(last && (head & CONTINUED) != 0);
      if (!element(buffer, position, size, whole, picture)) {
        return false;
      }
      position += size;
      if (last) {
        return position == end;
      }
    }
    return false;
  }

  private boolean element(byte[] buffer, int offset, int length, boolean whole, Picture picture) {
    if (!unitOpen) {
      unitStart = picture.length;
      unitOpen = true;
    }
    if (!picture.append(buffer, offset, length)) {
      return false;
    }
    if (!whole) {
      return true;
    }
    unitOpen = false;
    return endUnit(picture);
  }

  /**
   * The unit that begins at {@link #unitStart} is whole: gives it a size field, or takes it out.
   */
  private boolean endUnit(Picture picture) {
    byte[] data = picture.data;
    int unitLength = picture.length - unitStart;
    if (unitLength == 0) {
      return true;
    }
    int head = data[unitStart];
    if ((head & 0x80) != 0) {
      return false;
    }
    int headerLength = (head & HAS_EXTENSION) != 0 ? 2 : 1;
    int payload = unitStart + headerLength;
    int size = unitLength - headerLength;
    if ((head & HAS_SIZE) != 0) {
      long field = Leb128.read(data, payload, picture.length);
      payload += (int) (field >> 32);
      size = (int) field;
      if (field < 0 || size > picture.length - payload) {
        return false;
      }
    }
    int type = (head >> 3) & 15;
    if (size < 0) {
      return false;
    }
    if (!isKept(type)) {
      picture.length = unitStart;
      return true;
    }
    return read(type, data, payload, size, picture) && resize(payload, size, headerLength, picture);
  }

  private static boolean isKept(int type) {
    return switch (type) {
      case SEQUENCE_HEADER, FRAME_HEADER, TILE_GROUP, METADATA, FRAME, REDUNDANT_FRAME_HEADER ->
          true;
      case TEMPORAL_DELIMITER -> false;
      default -> false; // reserved, tile list, padding
    };
  }

  private boolean read(int type, byte[] data, int payload, int size, Picture picture) {
    if (type == SEQUENCE_HEADER) {
      if (!sequence.parse(data, payload, size)) {
        return false;
      }
      hasSequence = true;
      picture.width = sequence.width();
      picture.height = sequence.height();
    } else if (type == FRAME || type == FRAME_HEADER) {
      if (!hasFrame && size > 0) {
        // show_existing_frame 0, frame_type 0 (AV1 specification 5.9.2).
        boolean keyHeader = sequence.stillPicture() || (data[payload] & 0xe0) == 0;
        picture.key = hasSequence && keyHeader;
      }
      hasFrame = true;
    }
    return true;
  }

  private boolean resize(int payload, int size, int headerLength, Picture picture) {
    int target = unitStart + headerLength + Leb128.size(size);
    picture.length = payload + size;
    if (target > payload && !picture.insert(payload, target - payload)) {
      return false;
    }
    if (target < payload) {
      System.arraycopy(picture.data, payload, picture.data, target, size);
    }
    picture.length = target + size;
    picture.data[unitStart] |= HAS_SIZE;
    Leb128.write(size, picture.data, unitStart + headerLength);
    return true;
  }

  @Override
  public Outcome finish(Picture picture) {
    if (unitOpen) {
      return Outcome.BROKEN;
    }
    return hasFrame ? Outcome.USABLE : Outcome.EMPTY;
  }

  @Override
  public void restart() {
    begin();
  }
}
