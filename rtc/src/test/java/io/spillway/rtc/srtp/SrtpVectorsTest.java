package io.spillway.rtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The figures that the RFCs print. */
final class SrtpVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] CLEAR =
      hex(
          "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976697361"
              + "20696e207061727465732074726573");
  private static final byte[] SALT = hex("517569642070726f2071756f");

  @Test
  void sessionKeysAreThoseOfRfc3711AppendixB3() {
    byte[] key = hex("e1f97a0d3e018be0d64fa32c06de4139");
    byte[] salt = hex("0ec675ad498afeebb6960b3aabe6");
    assertThat(KeyDerivation.derive(key, salt, KeyDerivation.RTP_KEY, 16))
        .isEqualTo(hex("c61e7a93744f39ee10734afe3ff7a087"));
    assertThat(KeyDerivation.derive(key, salt, KeyDerivation.RTP_SALT, 14))
        .isEqualTo(hex("30cbbc08863d8c85d49db34a9ae1"));
    assertThat(KeyDerivation.derive(key, salt, KeyDerivation.RTP_AUTHENTICATION, 20))
        .isEqualTo(hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
  }

  @Test
  void theCounterModeKeyStreamIsThatOfRfc3711AppendixB2() {
    byte[] key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    byte[] salt = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
    assertThat(KeyDerivation.derive(key, salt, 0, 48))
        .isEqualTo(
            hex(
                "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
                    + "41e95b3bb0a2e8dd477901e4fca894c0"));
  }

  @Test
  void aPacketUnderAes128GcmIsThatOfRfc7714Section16() {
    check(
        hex("000102030405060708090a0b0c0d0e0f"),
        hex(
            "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f"
                + "42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"));
  }

  @Test
  void aPacketUnderAes256GcmIsThatOfRfc7714Section16() {
    check(
        hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        hex(
            "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3"
                + "b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"));
  }

  private static void check(byte[] key, byte[] sealed) {
    GcmCipher cipher = new GcmCipher(key, SALT, key, SALT);
    byte[] packet = Arrays.copyOf(CLEAR, CLEAR.length + 16);
    int index = 0xf17b; // the sequence number; the roll-over counter of the RFC's example is 0
    int length = cipher.sealRtp(packet, 0, 12, CLEAR.length, index);
    assertThat(length).isEqualTo(sealed.length);
    assertThat(packet).isEqualTo(sealed);
    byte[] opened = new byte[sealed.length];
    int plain = cipher.openRtp(sealed, 0, 12, sealed.length, index, opened);
    assertThat(Arrays.copyOf(opened, plain)).isEqualTo(CLEAR);
  }

  private static byte[] hex(String text) {
    return HEX.parseHex(text);
  }
}
