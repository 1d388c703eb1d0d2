package io.spillway.rtc.codec;

/**
 * H.264 (RFC 6184, packetization mode 1) and H.265 (RFC 7798): parameter sets and other small units
 * go together into one aggregation packet, large ones are cut into fragments.
 */
final class NalPacketizer implements Packetizer {
  private static final int STAP_A = 24;
  private static final int FU_A = 28;
  private static final int AGGREGATE = 48;
  private static final int FRAGMENT = 49;

  private final boolean h265;
  private final int unitHeader;
  private final int maxPayload;
  private final byte[] payload;

  NalPacketizer(boolean h265, int maxPayload) {
    this.h265 = h265;
    this.maxPayload = maxPayload;
    unitHeader = h265 ? 2 : 1;
    payload = new byte[maxPayload];
  }

  @Override
  public int packetize(byte[] frame, int offset, int length, boolean key, Sink sink) {
    int end = offset + length;
    if (!isWellFormed(frame, offset, end)) {
      return 0;
    }
    int packets = 0;
    int position = offset;
    while (position < end) {
      int size = unitLength(frame, position);
      if (size > maxPayload) {
        packets += fragment(frame, position + 4, size, position + 4 + size == end, sink);
        position += 4 + size;
      } else {
        position = aggregate(frame, position, end, sink);
        packets++;
      }
    }
    return packets;
  }

  private boolean isWellFormed(byte[] frame, int offset, int end) {
    int position = offset;
    while (position < end) {
      if (position + 4 > end) {
        return false;
      }
      int size = unitLength(frame, position);
      if (size <= unitHeader || size > end - position - 4) {
        return false;
      }
      position += 4 + size;
    }
    return true;
  }

  private static int unitLength(byte[] frame, int position) {
    return (frame[position] & 0xff) << 24
        | (frame[position + 1] & 0xff) << 16
        | (frame[position + 2] & 0xff) << 8
        | (frame[position + 3] & 0xff);
  }

  /** Sends the units from {@code position} on that fit one payload; returns where the next is. */
  private int aggregate(byte[] frame, int position, int end, Sink sink) {
    int filled = unitHeader;
    int units = 0;
    int next = position;
    while (next < end && filled + 2 + unitLength(frame, next) <= maxPayload) {
      int size = unitLength(frame, next);
      payload[filled] = (byte) (size >> 8);
      payload[filled + 1] = (byte) size;
      System.arraycopy(frame, next + 4, payload, filled + 2, size);
      filled += 2 + size;
      next += 4 + size;
      units++;
    }
    if (units <= 1) {
      int size = unitLength(frame, position);
      next = position + 4 + size;
      sink.payload(frame, position + 4, size, next == end);
      return next;
    }
    if (h265) {
      payload[0] = (byte) (AGGREGATE << 1 | (frame[position + 4] & 0x01));
      payload[1] = frame[position + 5];
    } else {
      payload[0] = (byte) (STAP_A | (frame[position + 4] & 0x60));
    }
    sink.payload(payload, 0, filled, next == end);
    return next;
  }

  private int fragment(byte[] frame, int offset, int length, boolean lastUnit, Sink sink) {
    int head = unitHeader + 1;
    int room = maxPayload - head;
    int body = length - unitHeader;
    int packets = (body + room - 1) / room;
    int position = offset + unitHeader;
    int left = body;
    for (int i = 0; i < packets; i++) {
      int size = left / (packets - i);
      boolean last = i == packets - 1;
      int flags = (i == 0 ? 0x80 : 0) | (last ? 0x40 : 0);
      if (h265) {
        payload[0] = (byte) ((frame[offset] & 0x81) | (FRAGMENT << 1));
        payload[1] = frame[offset + 1];
        payload[2] = (byte) (flags | ((frame[offset] >> 1) & 0x3f));
      } else {
        payload[0] = (byte) ((frame[offset] & 0xe0) | FU_A);
        payload[1] = (byte) (flags | (frame[offset] & 0x1f));
      }
      System.arraycopy(frame, position, payload, head, size);
      sink.payload(payload, 0, head + size, last && lastUnit);
      position += size;
      left -= size;
    }
    return packets;
  }
}
