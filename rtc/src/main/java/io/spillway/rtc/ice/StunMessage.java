package io.spillway.rtc.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32;

/**
 * A STUN message that came in (RFC 8489), its own copy. What stands behind MESSAGE-INTEGRITY isn't
 * looked at, because nothing vouches for it (section 14.5).
 */
final class StunMessage {
  static final int MAGIC_COOKIE = 0x2112A442;
  static final int HEADER_BYTES = 20;
  static final int TRANSACTION_BYTES = 12;
  static final int INTEGRITY_BYTES = 20;
  static final int FINGERPRINT_MASK = 0x5354554e;

  static final int BINDING_REQUEST = 0x0001;
  static final int BINDING_SUCCESS = 0x0101;
  static final int BINDING_ERROR = 0x0111;

  static final int USERNAME = 0x0006;
  static final int MESSAGE_INTEGRITY = 0x0008;
  static final int ERROR_CODE = 0x0009;
  static final int XOR_MAPPED_ADDRESS = 0x0020;
  static final int PRIORITY = 0x0024;
  static final int USE_CANDIDATE = 0x0025;
  static final int FINGERPRINT = 0x8028;
  static final int ICE_CONTROLLED = 0x8029;
  static final int ICE_CONTROLLING = 0x802A;

  private static final int TRANSACTION_AT = 8;
  private static final int ATTRIBUTE_HEADER_BYTES = 4;
  private static final int NONE = -1;

  private final byte[] bytes;
  private final int end;

  private StunMessage(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
  }

  /** Whether the bytes can be STUN rather than DTLS or RTP (RFC 7983). */
  static boolean looksLike(byte[] buffer, int offset, int length) {
    return length >= HEADER_BYTES
        && buffer[offset] >= 0
        && buffer[offset] <= 3
        && ByteBuffer.wrap(buffer).getInt(offset + 4) == MAGIC_COOKIE;
  }

  /** The message, if it is whole and its FINGERPRINT, where it has one, fits. */
  static Optional<StunMessage> parse(byte[] buffer, int offset, int length) {
    if (!looksLike(buffer, offset, length)) {
      return Optional.empty();
    }
    byte[] bytes = Arrays.copyOfRange(buffer, offset, offset + length);
    if (uint16(bytes, 2) != length - HEADER_BYTES || length % 4 != 0) {
      return Optional.empty();
    }
    int at = HEADER_BYTES;
    int end = length;
    while (at < length) {
      int next = next(bytes, at);
      if (next > length) {
        return Optional.empty();
      }
      int type = uint16(bytes, at);
      if (type == MESSAGE_INTEGRITY) {
        end = Math.min(end, next);
      }
      if (type == FINGERPRINT && !fingerprintFits(bytes, at, next)) {
        return Optional.empty();
      }
      at = next;
    }
    return Optional.of(new StunMessage(bytes, end));
  }

  /** Where the attribute behind the one at {@code at} starts; beyond any message when cut off. */
  private static int next(byte[] bytes, int at) {
    return at + ATTRIBUTE_HEADER_BYTES > bytes.length
        ? Integer.MAX_VALUE
        : at + ATTRIBUTE_HEADER_BYTES + ((uint16(bytes, at + 2) + 3) & ~3);
  }

  private static boolean fingerprintFits(byte[] bytes, int at, int next) {
    CRC32 sum = new CRC32();
    sum.update(bytes, 0, at);
    boolean isLast = next == bytes.length && uint16(bytes, at + 2) == 4;
    return isLast && int32(bytes, at + 4) == ((int) sum.getValue() ^ FINGERPRINT_MASK);
  }

  int type() {
    return uint16(bytes, 0);
  }

  byte[] transaction() {
    return Arrays.copyOfRange(bytes, TRANSACTION_AT, TRANSACTION_AT + TRANSACTION_BYTES);
  }

  boolean isTransaction(byte[] transaction) {
    return Arrays.equals(
        bytes,
        TRANSACTION_AT,
        TRANSACTION_AT + TRANSACTION_BYTES,
        transaction,
        0,
        TRANSACTION_BYTES);
  }

  /** Whether MESSAGE-INTEGRITY is there and was made with this password (section 14.5). */
  boolean isAuthentic(String password) {
    int at = find(MESSAGE_INTEGRITY, INTEGRITY_BYTES);
    if (at == NONE) {
      return false;
    }
    byte[] covered = Arrays.copyOf(bytes, at);
    int counted = at + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES - HEADER_BYTES;
    covered[2] = (byte) (counted >> 8);
    covered[3] = (byte) counted;
    int value = at + ATTRIBUTE_HEADER_BYTES;
    return MessageDigest.isEqual(
        StunWriter.integrity(password, covered, at),
        Arrays.copyOfRange(bytes, value, value + INTEGRITY_BYTES));
  }

  Optional<String> username() {
    int at = find(USERNAME, NONE);
    return at == NONE
        ? Optional.empty()
        : Optional.of(
            new String(
                bytes, at + ATTRIBUTE_HEADER_BYTES, uint16(bytes, at + 2), StandardCharsets.UTF_8));
  }

  /** PRIORITY as an unsigned number. */
  OptionalLong priority() {
    int at = find(PRIORITY, 4);
    return at == NONE
        ? OptionalLong.empty()
        : OptionalLong.of(Integer.toUnsignedLong(int32(bytes, at + ATTRIBUTE_HEADER_BYTES)));
  }

  boolean hasUseCandidate() {
    return find(USE_CANDIDATE, NONE) != NONE;
  }

  /** The tie-breaker of a sender that says it has that role, ICE_CONTROLLING or ICE_CONTROLLED. */
  OptionalLong tieBreaker(int role) {
    int at = find(role, 8);
    return at == NONE
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(bytes).getLong(at + ATTRIBUTE_HEADER_BYTES));
  }

  /** ERROR-CODE as one number, 300 to 699; 0 for none. */
  int errorCode() {
    int at = find(ERROR_CODE, NONE);
    return at == NONE || uint16(bytes, at + 2) < 4
        ? 0
        : (bytes[at + 6] & 7) * 100 + (bytes[at + 7] & 0xff);
  }

  /** XOR-MAPPED-ADDRESS: how the sender sees us. */
  Optional<InetSocketAddress> mappedAddress() {
    int at = find(XOR_MAPPED_ADDRESS, NONE);
    int length = at == NONE ? 0 : uint16(bytes, at + 2) - 4;
    if (length != 4 && length != 16) {
      return Optional.empty();
    }
    byte[] address = Arrays.copyOfRange(bytes, at + 8, at + 8 + length);
    for (int i = 0; i < length; i++) {
      address[i] ^= bytes[4 + i]; // cookie, then transaction
    }
    int port = uint16(bytes, at + 6) ^ (MAGIC_COOKIE >>> 16);
    try {
      return Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), port));
    } catch (UnknownHostException impossible) {
      return Optional.empty();
    }
  }

  /** Where the attribute starts, {@link #NONE} when absent or not of that length. */
  private int find(int type, int length) {
    for (int at = HEADER_BYTES; at < end; at = next(bytes, at)) {
      if (uint16(bytes, at) == type) {
        return length == NONE || uint16(bytes, at + 2) == length ? at : NONE;
      }
    }
    return NONE;
  }

  private static int uint16(byte[] from, int at) {
    return (from[at] & 0xff) << 8 | (from[at + 1] & 0xff);
  }

  private static int int32(byte[] from, int at) {
    return uint16(from, at) << 16 | uint16(from, at + 2);
  }
}
