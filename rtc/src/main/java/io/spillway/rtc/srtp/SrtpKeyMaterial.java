package io.spillway.rtc.srtp;

import java.util.Arrays;

/**
 * Master keys and salts of both directions, as DTLS exports them (RFC 5764 section 4.2): client
 * key, server key, client salt, server salt.
 */
public final class SrtpKeyMaterial {
  private final SrtpProfile profile;
  private final byte[] exported;

  /** Checks the length and copies the bytes. */
  public SrtpKeyMaterial(SrtpProfile profile, byte[] exported) {
    if (exported.length != profile.exportedBytes()) {
      throw new IllegalArgumentException(
          profile + " needs " + profile.exportedBytes() + " bytes, got " + exported.length);
    }
    this.profile = profile;
    this.exported = exported.clone();
  }

  /** The profile agreed on. */
  public SrtpProfile profile() {
    return profile;
  }

  /** What takes off the protection that the DTLS client, or else the server, put on. */
  public SrtpInbound inbound(boolean fromClient) {
    return new SrtpInbound(cipher(fromClient));
  }

  /** What protects as the DTLS client, or else the server, does. */
  public SrtpOutbound outbound(boolean asClient) {
    return new SrtpOutbound(cipher(asClient));
  }

  private PacketCipher cipher(boolean client) {
    int key = profile.keyBytes();
    int salt = profile.saltBytes();
    int keyAt = client ? 0 : key;
    int saltAt = 2 * key + (client ? 0 : salt);
    return PacketCipher.of(
        profile,
        Arrays.copyOfRange(exported, keyAt, keyAt + key),
        Arrays.copyOfRange(exported, saltAt, saltAt + salt));
  }
}
