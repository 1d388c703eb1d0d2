package io.spillway.rtc.codec;

/**
 * AV1 (RTP payload format for AV1): one OBU element per packet with W = 1, so that no element
 * lengths are needed; the sequence header of a key frame goes first and sets N. Temporal delimiters
 * are left out and the size fields of OBUs removed, as section 5 of the format asks.
 */
final class Av1Packetizer implements Packetizer {
  private static final int TEMPORAL_DELIMITER = 2;
  private static final int HAS_SIZE = 0x02;
  private static final int HAS_EXTENSION = 0x04;
  private static final int CONTINUES = 0x80;
  private static final int CONTINUED = 0x40;
  private static final int ONE_ELEMENT = 0x10;
  private static final int NEW_SEQUENCE = 0x08;

  private final int maxPayload;
  private final byte[] payload;

  /** The OBU that {@link #readUnit} found: where its header and its payload lie. */
  private int headerLength;

  private int body;
  private int bodyLength;

  Av1Packetizer(int maxPayload) {
    this.maxPayload = maxPayload;
    payload = new byte[maxPayload];
  }

  @Override
  public int packetize(byte[] frame, int offset, int length, boolean key, Sink sink) {
    int end = offset + length;
    int lastUnit = lastKeptUnit(frame, offset, end);
    int packets = 0;
    for (int position = offset; position < end && lastUnit >= 0; ) {
      readUnit(frame, position, end);
      if (isKept(frame[position])) {
        packets += send(frame, position, key && packets == 0, position == lastUnit, sink);
      }
      position = body + bodyLength;
    }
    return packets;
  }

  /** Where the last OBU that is sent begins; -1 when the frame isn't well formed. */
  private int lastKeptUnit(byte[] frame, int offset, int end) {
    int last = -1;
    for (int position = offset; position < end; position = body + bodyLength) {
      if (!readUnit(frame, position, end)) {
        return -1;
      }
      if (isKept(frame[position])) {
        last = position;
      }
    }
    return last;
  }

  private static boolean isKept(int head) {
    return ((head >> 3) & 15) != TEMPORAL_DELIMITER;
  }

  private boolean readUnit(byte[] frame, int position, int end) {
    int head = frame[position];
    headerLength = (head & HAS_EXTENSION) != 0 ? 2 : 1;
    body = position + headerLength;
    bodyLength = end - body;
    if ((head & HAS_SIZE) != 0) {
      long field = Leb128.read(frame, body, end);
      body += (int) (field >> 32);
      bodyLength = (int) field;
      if (field < 0) {
        return false;
      }
    }
    return bodyLength >= 0 && bodyLength <= end - body;
  }

  private int send(byte[] frame, int position, boolean newSequence, boolean lastUnit, Sink sink) {
    int left = headerLength + bodyLength;
    int packets = (left + maxPayload - 2) / (maxPayload - 1);
    int from = body;
    for (int i = 0; i < packets; i++) {
      int size = left / (packets - i);
      boolean last = i == packets - 1;
      int at = 1;
      payload[0] =
          (byte)
              (ONE_ELEMENT
                  | (i == 0 ? 0 : CONTINUES)
                  | (last ? 0 : CONTINUED)
                  | (i == 0 && newSequence ? NEW_SEQUENCE : 0));
      if (i == 0) {
        payload[at++] = (byte) (frame[position] & ~HAS_SIZE);
        if (headerLength == 2) {
          payload[at++] = frame[position + 1];
        }
      }
      int copied = size - (at - 1);
      System.arraycopy(frame, from, payload, at, copied);
      sink.payload(payload, 0, at + copied, last && lastUnit);
      from += copied;
      left -= size;
    }
    return packets;
  }
}
