package io.spillway.rtc.rtp;

/** Byte arrays for packets that wait, used again and again; a stream that never waits has none. */
final class PacketStock {
  static final byte[] NONE = new byte[0];

  private final int arrayBytes;
  private final byte[][] free;
  private int count;

  /**
   * A stock of its own.
   *
   * @param arrayBytes what most packets of the stream fit into
   * @param maxFree arrays kept for later use; more are left to the collector
   */
  PacketStock(int arrayBytes, int maxFree) {
    this.arrayBytes = arrayBytes;
    free = new byte[maxFree][];
  }

  byte[] copy(byte[] source, int offset, int length) {
    if (length == 0) {
      return NONE;
    }
    byte[] array;
    if (length > arrayBytes) {
      array = new byte[length];
    } else {
      array = count > 0 ? free[--count] : new byte[arrayBytes];
    }
    System.arraycopy(source, offset, array, 0, length);
    return array;
  }

  void giveBack(byte[] array) {
    if (array.length == arrayBytes && count < free.length) {
      free[count++] = array;
    }
  }
}
