package io.spillway.rtc.codec;

/**
 * Cuts whole frames, in the shapes that {@link io.spillway.rtc.Frame} documents, into RTP payloads
 * of at most the size it was made with. Keeps what numbers frames (picture ids), so one object
 * serves one stream. One thread.
 */
public interface Packetizer {
  /** Takes the payloads of one frame in order. */
  interface Sink {
    /**
     * One payload, valid during the call only.
     *
     * @param last whether it ends the frame: the RTP marker of video
     */
    void payload(byte[] buffer, int offset, int length, boolean last);
  }

  /**
   * Cuts one frame. A frame that doesn't have the codec's shape gives no payload.
   *
   * @param key whether the frame decodes alone
   * @return how many payloads there were
   */
  int packetize(byte[] frame, int offset, int length, boolean key, Sink sink);
}
