package io.spillway.rtc.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Writes one STUN message (RFC 8489); attributes come in the order they are added. */
final class StunWriter {
  private static final int MOST_BYTES = 1024;
  private static final int LENGTH_AT = 2;
  private static final int FINGERPRINT_BYTES = 8;

  private final ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
  private final byte[] transaction;

  StunWriter(int type, byte[] transaction) {
    this.transaction = transaction.clone();
    out.putShort((short) type).putShort((short) 0).putInt(StunMessage.MAGIC_COOKIE);
    out.put(transaction);
  }

  StunWriter username(String username) {
    return attribute(StunMessage.USERNAME, username.getBytes(StandardCharsets.UTF_8));
  }

  StunWriter priority(long priority) {
    return attribute(StunMessage.PRIORITY, ByteBuffer.allocate(4).putInt((int) priority).array());
  }

  /** {@code role} is ICE_CONTROLLING or ICE_CONTROLLED. */
  StunWriter role(int role, long tieBreaker) {
    return attribute(role, ByteBuffer.allocate(8).putLong(tieBreaker).array());
  }

  StunWriter useCandidate() {
    return attribute(StunMessage.USE_CANDIDATE, new byte[0]);
  }

  StunWriter error(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    ByteBuffer value = ByteBuffer.allocate(4 + text.length).putShort((short) 0);
    value.put((byte) (code / 100)).put((byte) (code % 100)).put(text);
    return attribute(StunMessage.ERROR_CODE, value.array());
  }

  StunWriter mappedAddress(InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    byte[] mask = ByteBuffer.allocate(16).putInt(StunMessage.MAGIC_COOKIE).put(transaction).array();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= mask[i];
    }
    ByteBuffer value = ByteBuffer.allocate(4 + bytes.length).put((byte) 0);
    value.put((byte) (bytes.length == 4 ? 1 : 2));
    value.putShort((short) (address.getPort() ^ (StunMessage.MAGIC_COOKIE >>> 16))).put(bytes);
    return attribute(StunMessage.XOR_MAPPED_ADDRESS, value.array());
  }

  /** Adds MESSAGE-INTEGRITY (section 14.5) and FINGERPRINT (section 14.7); the whole message. */
  byte[] finish(String password) {
    int at = out.position();
    setLength(at + 4 + StunMessage.INTEGRITY_BYTES);
    attribute(StunMessage.MESSAGE_INTEGRITY, integrity(password, out.array(), at));
    int fingerprintAt = out.position();
    setLength(fingerprintAt + FINGERPRINT_BYTES);
    CRC32 sum = new CRC32();
    sum.update(out.array(), 0, fingerprintAt);
    out.putShort((short) StunMessage.FINGERPRINT).putShort((short) 4);
    out.putInt((int) sum.getValue() ^ StunMessage.FINGERPRINT_MASK);
    return Arrays.copyOf(out.array(), out.position());
  }

  static byte[] integrity(String password, byte[] bytes, int length) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      mac.update(bytes, 0, length);
      return mac.doFinal();
    } catch (GeneralSecurityException cause) {
      throw new IllegalStateException("this Java has no HMAC-SHA1", cause);
    }
  }

  private StunWriter attribute(int type, byte[] value) {
    out.putShort((short) type).putShort((short) value.length).put(value);
    while (out.position() % 4 != 0) {
      out.put((byte) 0);
    }
    return this;
  }

  private void setLength(int total) {
    out.putShort(LENGTH_AT, (short) (total - StunMessage.HEADER_BYTES));
  }
}
