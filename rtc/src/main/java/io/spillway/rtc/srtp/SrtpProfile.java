package io.spillway.rtc.srtp;

import java.util.Arrays;
import java.util.Optional;

/** The protection profiles that we offer in DTLS, the one we like best first. */
public enum SrtpProfile {
  /** RFC 7714; what livekit-server prefers, and as quick as the 128-bit one with AES-NI. */
  AEAD_AES_256_GCM(8, 32, 12),
  /** RFC 7714. */
  AEAD_AES_128_GCM(7, 16, 12),
  /** RFC 5764; every WebRTC endpoint has it. */
  AES128_CM_HMAC_SHA1_80(1, 16, 14);

  private final int id;
  private final int keyBytes;
  private final int saltBytes;

  SrtpProfile(int id, int keyBytes, int saltBytes) {
    this.id = id;
    this.keyBytes = keyBytes;
    this.saltBytes = saltBytes;
  }

  /** The number in the {@code use_srtp} extension. */
  public int id() {
    return id;
  }

  /** Length of a master key. */
  public int keyBytes() {
    return keyBytes;
  }

  /** Length of a master salt. */
  public int saltBytes() {
    return saltBytes;
  }

  /** Length of the keying material that DTLS exports: two keys and two salts. */
  public int exportedBytes() {
    return 2 * (keyBytes + saltBytes);
  }

  /** The profile with that number, if it is one of ours. */
  public static Optional<SrtpProfile> of(int id) {
    return Arrays.stream(values()).filter(profile -> profile.id == id).findFirst();
  }
}
