package io.spillway.rtc.srtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in network byte order within an array. */
final class Bytes {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  static int int32(byte[] from, int at) {
    return (int) INT.get(from, at);
  }

  static void putInt32(byte[] to, int at, int value) {
    INT.set(to, at, value);
  }

  static int uint16(byte[] from, int at) {
    return (from[at] & 0xff) << 8 | (from[at + 1] & 0xff);
  }

  static void xorInt32(byte[] to, int at, int value) {
    putInt32(to, at, int32(to, at) ^ value);
  }
}
