package io.spillway.rtc.codec;

/**
 * VP9 (RFC 9628), flexible and non-flexible mode. All spatial layers of a picture that come are put
 * together; where there is more than one, a superframe index (VP9 bitstream, annex B) tells the
 * decoder where each begins.
 */
final class Vp9Format implements PayloadFormat {
  private static final int SYNC_CODE = 0x498342;
  private static final int COLOR_SPACE_RGB = 7;
  private static final int REFERENCES = 3;

  private final Vp9Descriptor descriptor = new Vp9Descriptor();
  private final BitReader bits = new BitReader();
  private final int[] layerSizes = new int[Vp9Descriptor.MAX_LAYERS];
  private int layers;
  private int highestLayer;
  private int layerStart;
  private boolean layerOpen;
  private int id = Vp9Descriptor.NO_ID;
  private int lastId = Vp9Descriptor.NO_ID;
  private boolean headerIsKey;
  private int headerWidth;
  private int headerHeight;

  @Override
  public boolean begins(byte[] buffer, int offset, int length) {
    return descriptor.parse(buffer, offset, length) > 0
        && descriptor.begin
        && (descriptor.spatialLayer == 0 || !descriptor.dependsOnLowerLayer);
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    int header = descriptor.parse(buffer, offset, length);
    if (header < 0 || !descriptor.begin || descriptor.spatialLayer != 0) {
      return false;
    }
    readHeader(buffer, offset + header, length - header);
    return headerIsKey;
  }

  @Override
  public boolean followsLastPicture(byte[] buffer, int offset, int length) {
    if (!begins(buffer, offset, length)
        || descriptor.spatialLayer != 0
        || descriptor.pictureId == Vp9Descriptor.NO_ID
        || lastId == Vp9Descriptor.NO_ID) {
      return false;
    }
    return descriptor.pictureId == ((lastId + 1) & (descriptor.longId ? 0x7fff : 0x7f));
  }

  @Override
  public boolean needsMarker() {
    return false;
  }

  @Override
  public void begin() {
    layers = 0;
    highestLayer = 0;
    layerOpen = false;
    id = Vp9Descriptor.NO_ID;
  }

  @Override
  public boolean append(byte[] buffer, int offset, int length, Picture picture) {
    int header = descriptor.parse(buffer, offset, length);
    if (header < 0 || descriptor.begin == layerOpen) {
      return false;
    }
    if (descriptor.begin && !beginLayer(buffer, offset + header, length - header, picture)) {
      return false;
    }
    layerOpen = !descriptor.end;
    if (!picture.append(buffer, offset + header, length - header)) {
      return false;
    }
    if (descriptor.end) {
      layerSizes[layers - 1] = picture.length - layerStart;
    }
    return true;
  }

  private boolean beginLayer(byte[] buffer, int offset, int length, Picture picture) {
    if (layers == Vp9Descriptor.MAX_LAYERS) {
      return false;
    }
    layerStart = picture.length;
    highestLayer = Math.max(highestLayer, descriptor.spatialLayer);
    readHeader(buffer, offset, length);
    if (layers == 0) {
      id = descriptor.pictureId;
      picture.key = headerIsKey;
    }
    if (headerWidth > picture.width) {
      picture.width = headerWidth;
      picture.height = headerHeight;
    }
    layers++;
    return true;
  }

  @Override
  public Outcome finish(Picture picture) {
    if (layerOpen || layers == 0) {
      return Outcome.BROKEN;
    }
    if (picture.key && highestLayer > 0 && highestLayer < descriptor.layers) {
      // Higher layers of a key picture may take their size from a reference: the structure knows.
      picture.width = Math.max(picture.width, descriptor.widths[highestLayer]);
      picture.height = Math.max(picture.height, descriptor.heights[highestLayer]);
    }
    if (layers > 1 && !appendIndex(picture)) {
      return Outcome.BROKEN;
    }
    lastId = id;
    return Outcome.USABLE;
  }

  private boolean appendIndex(Picture picture) {
    // 110, bytes per size minus one (4 bytes), frames minus one; at both ends of the index.
    int marker = 0xc0 | (3 << 3) | (layers - 1);
    boolean fits = picture.append(marker);
    for (int i = 0; i < layers && fits; i++) {
      for (int shift = 0; shift < 32 && fits; shift += 8) {
        fits = picture.append(layerSizes[i] >> shift);
      }
    }
    return fits && picture.append(marker);
  }

  /** Reads what the uncompressed header (VP9 bitstream 6.2) says of key frame and size. */
  private void readHeader(byte[] buffer, int offset, int length) {
    headerIsKey = false;
    headerWidth = 0;
    headerHeight = 0;
    bits.start(buffer, offset, length, false);
    if (bits.bits(2) != 2) {
      return;
    }
    int profile = (int) (bits.bits(1) | (bits.bits(1) << 1));
    if (profile == 3) {
      bits.skip(1);
    }
    if (bits.flag()) {
      return; // show_existing_frame: no picture of its own
    }
    boolean interFrame = bits.flag();
    boolean shown = bits.flag();
    boolean errorResilient = bits.flag();
    if (!interFrame) {
      readKeyHeader(profile);
    } else {
      readInterHeader(profile, shown, errorResilient);
    }
    if (bits.overrun()) {
      headerIsKey = false;
      headerWidth = 0;
      headerHeight = 0;
    }
  }

  private void readKeyHeader(int profile) {
    headerIsKey = bits.bits(24) == SYNC_CODE;
    if (headerIsKey) {
      skipColorConfig(profile);
      readSize();
    }
  }

  private void readInterHeader(int profile, boolean shown, boolean errorResilient) {
    boolean intraOnly = !shown && bits.flag();
    if (!errorResilient) {
      bits.skip(2);
    }
    if (intraOnly) {
      if (bits.bits(24) == SYNC_CODE) {
        if (profile > 0) {
          skipColorConfig(profile);
        }
        bits.skip(8);
        readSize();
      }
      return;
    }
    bits.skip(8 + REFERENCES * 4);
    for (int i = 0; i < REFERENCES; i++) {
      if (bits.flag()) {
        return; // the size is that of a reference
      }
    }
    readSize();
  }

  private void skipColorConfig(int profile) {
    if (profile >= 2) {
      bits.skip(1);
    }
    boolean subsamplingFollows = profile == 1 || profile == 3;
    if (bits.bits(3) != COLOR_SPACE_RGB) {
      bits.skip(subsamplingFollows ? 4 : 1);
    } else if (subsamplingFollows) {
      bits.skip(1);
    }
  }

  private void readSize() {
    headerWidth = (int) bits.bits(16) + 1;
    headerHeight = (int) bits.bits(16) + 1;
  }

  @Override
  public void restart() {
    lastId = Vp9Descriptor.NO_ID;
    descriptor.layers = 0;
    begin();
  }
}
