package io.spillway.rtc.codec;

/**
 * H.265 (RFC 7798 without decoding order numbers): single NAL units, aggregation packets,
 * fragments. Delimiters and filler are left out. A key frame is an intra random access picture
 * whose parameter sets are known; those that came earlier are put in front of it.
 */
final class H265Format implements PayloadFormat {
  private static final int FIRST_RANDOM_ACCESS = 16;
  private static final int LAST_RANDOM_ACCESS = 23;
  private static final int LAST_SLICE = 31;
  private static final int VPS = 32;
  private static final int SPS = 33;
  private static final int PPS = 34;
  private static final int DELIMITER = 35;
  private static final int FILLER = 38;
  private static final int AGGREGATE = 48;
  private static final int FRAGMENT = 49;

  private final NalAssembler units = new NalAssembler();
  private final ParameterSets sets = new ParameterSets();
  private final H265SequenceSet sequenceSet = new H265SequenceSet();
  private boolean randomAccess;
  private boolean slices;
  private boolean hasVps;
  private boolean hasSps;
  private boolean hasPps;

  @Override
  public boolean begins(byte[] buffer, int offset, int length) {
    if (length < 3) {
      return false;
    }
    int type = type(buffer, offset);
    if (type == FRAGMENT) {
      // The start bit; a slice segment must be the picture's first (its first bit).
      boolean start = (buffer[offset + 2] & 0x80) != 0;
      boolean slice = (buffer[offset + 2] & 0x3f) <= LAST_SLICE;
      return start && (!slice || (length > 3 && buffer[offset + 3] < 0));
    }
    return type > LAST_SLICE || buffer[offset + 2] < 0;
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    if (length < 3) {
      return false;
    }
    int type = type(buffer, offset);
    if (type == FRAGMENT) {
      return (buffer[offset + 2] & 0x80) != 0 && isKeyType(buffer[offset + 2] & 0x3f);
    }
    if (type == AGGREGATE) {
      return length > 4 && isKeyType(type(buffer, offset + 4));
    }
    return isKeyType(type);
  }

  private static int type(byte[] buffer, int offset) {
    return (buffer[offset] >> 1) & 0x3f;
  }

  private static boolean isRandomAccess(int type) {
    return type >= FIRST_RANDOM_ACCESS && type <= LAST_RANDOM_ACCESS;
  }

  private static boolean isKeyType(int type) {
    return isRandomAccess(type) || type == VPS || type == SPS;
  }

  @Override
  public boolean needsMarker() {
    return false;
  }

  @Override
  public void begin() {
    units.clear();
    randomAccess = false;
    slices = false;
    hasVps = false;
    hasSps = false;
    hasPps = false;
  }

  @Override
  public boolean append(byte[] buffer, int offset, int length, Picture picture) {
    if (length < 3) {
      return false;
    }
    int type = type(buffer, offset);
    if (type == FRAGMENT) {
      return appendFragment(buffer, offset, length, picture);
    }
    if (units.fragmentOpen()) {
      return false;
    }
    if (type == AGGREGATE) {
      return appendAggregate(buffer, offset, length, picture);
    }
    return type < AGGREGATE && appendUnit(buffer, offset, length, picture);
  }

  private boolean appendAggregate(byte[] buffer, int offset, int length, Picture picture) {
    int end = offset + length;
    int position = offset + 2;
    while (position < end) {
      if (position + 2 > end) {
        return false;
      }
      int size = ((buffer[position] & 0xff) << 8) | (buffer[position + 1] & 0xff);
      position += 2;
      if (size < 3
          || position + size > end
          || type(buffer, position) >= AGGREGATE
          || !appendUnit(buffer, position, size, picture)) {
        return false;
      }
      position += size;
    }
    return true;
  }

  private boolean appendFragment(byte[] buffer, int offset, int length, Picture picture) {
    if (length < 4) {
      return false;
    }
    int head = buffer[offset + 2];
    int type = head & 0x3f;
    if ((head & 0x80) != 0) {
      int unitHeader = (buffer[offset] & 0x81) | (type << 1);
      if (type >= AGGREGATE
          || !units.beginFragment(isLeftOut(type), picture)
          || !units.header(unitHeader, picture)
          || !units.header(buffer[offset + 1], picture)) {
        return false;
      }
      note(type);
    }
    return units.fragment(buffer, offset + 3, length - 3, (head & 0x40) != 0, picture);
  }

  private boolean appendUnit(byte[] buffer, int offset, int length, Picture picture) {
    int type = type(buffer, offset);
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
    } else if (type == VPS) {
      sets.keep(VPS, (buffer[offset + 2] >> 4) & 15, buffer, offset, length);
    } else if (type == PPS) {
      sets.keep(PPS, sequenceSet.pictureSetId(buffer, offset, length), buffer, offset, length);
    }
    return units.add(buffer, offset, length, picture);
  }

  private static boolean isLeftOut(int type) {
    return type == DELIMITER || type == FILLER;
  }

  private void note(int type) {
    slices |= type <= LAST_SLICE;
    randomAccess |= isRandomAccess(type);
    hasVps |= type == VPS;
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
    if (randomAccess && !(hasVps && hasSps && hasPps)) {
      if (!sets.has(VPS) || !sets.has(SPS) || !sets.has(PPS)) {
        return Outcome.USABLE;
      }
      if (!sets.prepend(picture)) {
        return Outcome.BROKEN;
      }
      picture.width = sequenceSet.width();
      picture.height = sequenceSet.height();
    }
    picture.key = randomAccess;
    return Outcome.USABLE;
  }

  @Override
  public void restart() {
    sets.clear();
    begin();
  }
}
