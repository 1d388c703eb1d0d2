package io.spillway.rtc.codec;

/**
 * VP8 (RFC 7741) and VP9 (RFC 9628, non-flexible mode, one spatial layer), with 15-bit picture ids.
 */
final class VpxPacketizer implements Packetizer {
  private static final int DESCRIPTOR_BYTES = 4;
  private static final int VP9_DESCRIPTOR_BYTES = 3;

  private final boolean vp9;
  private final int maxPayload;
  private final byte[] payload;
  private int pictureId;

  VpxPacketizer(boolean vp9, int maxPayload) {
    this.vp9 = vp9;
    this.maxPayload = maxPayload;
    payload = new byte[maxPayload];
  }

  @Override
  public int packetize(byte[] frame, int offset, int length, boolean key, Sink sink) {
    int header = vp9 ? VP9_DESCRIPTOR_BYTES : DESCRIPTOR_BYTES;
    int room = maxPayload - header;
    int packets = (length + room - 1) / room;
    int position = 0;
    for (int i = 0; i < packets; i++) {
      // Pieces of equal size: a last packet of a few bytes would waste its headers.
      int size = (length - position) / (packets - i);
      boolean last = i == packets - 1;
      describe(i == 0, last, key);
      System.arraycopy(frame, offset + position, payload, header, size);
      sink.payload(payload, 0, header + size, last);
      position += size;
    }
    pictureId = (pictureId + 1) & 0x7fff;
    return packets;
  }

  private void describe(boolean first, boolean last, boolean key) {
    int at = 0;
    if (vp9) {
      // I; P on frames that refer to others; B; E. No layers, no structure.
      payload[at++] = (byte) (0x80 | (key ? 0 : 0x40) | (first ? 0x08 : 0) | (last ? 0x04 : 0));
    } else {
      payload[at++] = (byte) (first ? 0x90 : 0x80);
      payload[at++] = (byte) 0x80;
    }
    payload[at++] = (byte) (0x80 | (pictureId >> 8));
    payload[at] = (byte) pictureId;
  }
}
