package io.spillway.rtc.codec;

/**
 * H.264 (RFC 6184, packetization modes 0 and 1): single NAL units, STAP-A, FU-A. Access unit
 * delimiters and filler are left out. A key frame is an IDR picture whose parameter sets are known;
 * those that came earlier are put in front of it.
 */
final class H264Format implements PayloadFormat {
  private static final int IDR = 5;
  private static final int SPS = 7;
  private static final int PPS = 8;
  private static final int DELIMITER = 9;
  private static final int FILLER = 12;
  private static final int STAP_A = 24;
  private static final int FU_A = 28;

  private final NalAssembler units = new NalAssembler();
  private final ParameterSets sets = new ParameterSets();
  private final H264SequenceSet sequenceSet = new H264SequenceSet();
  private boolean idr;
  private boolean slices;
  private boolean hasSps;
  private boolean hasPps;

  @Override
  public boolean begins(byte[] buffer, int offset, int length) {
    if (length < 2) {
      return false;
    }
    int type = buffer[offset] & 31;
    if (type == FU_A) {
      // The start bit; a slice must be the picture's first (first_mb_in_slice 0: one set bit).
      boolean start = (buffer[offset + 1] & 0x80) != 0;
      return start && (!isSlice(buffer[offset + 1] & 31) || (length > 2 && buffer[offset + 2] < 0));
    }
    return !isSlice(type) || buffer[offset + 1] < 0;
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    if (length < 2) {
      return false;
    }
    int type = buffer[offset] & 31;
    if (type == FU_A) {
      return (buffer[offset + 1] & 0x80) != 0 && (buffer[offset + 1] & 31) == IDR;
    }
    if (type == STAP_A) {
      return length > 3 && isKeyType(buffer[offset + 3] & 31);
    }
    return isKeyType(type);
  }

  private static boolean isKeyType(int type) {
    return type == IDR || type == SPS;
  }

  private static boolean isSlice(int type) {
    return type >= 1 && type <= IDR;
  }

  @Override
  public boolean needsMarker() {
    return false;
  }

  @Override
  public void begin() {
    units.clear();
    idr = false;
    slices = false;
    hasSps = false;
    hasPps = false;
  }

  @Override
  public boolean append(byte[] buffer, int offset, int length, Picture picture) {
    int type = buffer[offset] & 31;
    if (type == FU_A) {
      return appendFragment(buffer, offset, length, picture);
    }
    if (units.fragmentOpen()) {
      return false;
    }
    if (type == STAP_A) {
      return appendAggregate(buffer, offset, length, picture);
    }
    return type >= 1 && type < STAP_A && appendUnit(buffer, offset, length, picture);
  }

  private boolean appendAggregate(byte[] buffer, int offset, int length, Picture picture) {
    int end = offset + length;
    int position = offset + 1;
    if (position == end) {
      return false;
    }
    while (position < end) {
      if (position + 2 > end) {
        return false;
      }
      int size = ((buffer[position] & 0xff) << 8) | (buffer[position + 1] & 0xff);
      position += 2;
      if (size == 0
          || position + size > end
          || (buffer[position] & 31) >= STAP_A
          || !appendUnit(buffer, position, size, picture)) {
        return false;
      }
      position += size;
    }
    return true;
  }

  private boolean appendFragment(byte[] buffer, int offset, int length, Picture picture) {
    if (length < 3) {
      return false;
    }
    int head = buffer[offset + 1];
    int type = head & 31;
    if ((head & 0x80) != 0) {
      int unitHeader = (buffer[offset] & 0xe0) | type;
      if (type >= STAP_A
          || !units.beginFragment(isLeftOut(type), picture)
          || !units.header(unitHeader, picture)) {
        return false;
      }
      note(type);
    }
    return units.fragment(buffer, offset + 2, length - 2, (head & 0x40) != 0, picture);
  }

  private boolean appendUnit(byte[] buffer, int offset, int length, Picture picture) {
    int type = buffer[offset] & 31;
    if (isLeftOut(type)) {
      return true;
    }
    note(type);
    if (type == SPS) {
      if (!sequenceSet.parse(buffer, offset, length)) {
        return false;
      }
      picture.width = sequenceSet.width();
      picture.height = sequenceSet.height();
      sets.keep(SPS, sequenceSet.id(), buffer, offset, length);
    } else if (type == PPS) {
      sets.keep(PPS, sequenceSet.pictureSetId(buffer, offset, length), buffer, offset, length);
    }
    return units.add(buffer, offset, length, picture);
  }

  private static boolean isLeftOut(int type) {
    return type == DELIMITER || type == FILLER;
  }

  private void note(int type) {
    slices |= isSlice(type);
    idr |= type == IDR;
    hasSps |= type == SPS;
    hasPps |= type == PPS;
  }

  @Override
  public Outcome finish(Picture picture) {
    if (units.fragmentOpen()) {
      return Outcome.BROKEN;
    }
    if (!slices) {
      return Outcome.EMPTY;
    }
    if (idr && !(hasSps && hasPps)) {
      if (!sets.has(SPS) || !sets.has(PPS)) {
        return Outcome.USABLE;
      }
      if (!sets.prepend(picture)) {
        return Outcome.BROKEN;
      }
      picture.width = sequenceSet.width();
      picture.height = sequenceSet.height();
    }
    picture.key = idr;
    return Outcome.USABLE;
  }

  @Override
  public void restart() {
    sets.clear();
    begin();
  }
}
