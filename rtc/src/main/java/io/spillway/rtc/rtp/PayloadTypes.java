package io.spillway.rtc.rtp;

import java.util.List;

/** What each payload type number of a track stands for, as tables for the packet path. */
final class PayloadTypes {
  static final byte UNKNOWN = 0;
  static final byte MEDIA = 1;
  static final byte RED = 2;
  static final byte RTX = 3;

  private final byte[] kinds = new byte[128];
  private final byte[] associated = new byte[128];

  PayloadTypes(List<PayloadType> types) {
    for (PayloadType type : types) {
      kinds[type.number()] =
          switch (type.kind()) {
            case MEDIA -> MEDIA;
            case RED -> RED;
            case RTX -> RTX;
          };
      associated[type.number()] = (byte) type.associated();
    }
  }

  /** One of the constants, for 0 to 127. */
  byte kind(int number) {
    return kinds[number];
  }

  /** For RTX: the payload type it repeats; for the others the number itself. */
  int associated(int number) {
    return associated[number];
  }
}
