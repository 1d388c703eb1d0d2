package io.spillway.rtc.cipher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class CounterModeTest {
  private static final HexFormat HEX = HexFormat.of();
  private final Random random = new Random(11);

  @Test
  void theKeyStreamIsThatOfNistSp80038aF51() {
    byte[] text = HEX.parseHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    new CounterMode(HEX.parseHex("2b7e151628aed2a6abf7158809cf4f3c"))
        .xor(HEX.parseHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), text, 0, text.length, text, 0);
    assertThat(HEX.formatHex(text))
        .isEqualTo("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  }

  @Test
  void everyLengthInPlaceAndElsewhereIsAsTheJdkHasIt() throws GeneralSecurityException {
    byte[] key = bytes(16);
    CounterMode ours = new CounterMode(key);
    for (int length = 0; length < 1_600; length += 1 + length / 100) {
      byte[] counter = bytes(16);
      counter[14] = 0;
      counter[15] = 0; // as SRTP begins: 16 bits of room to count
      byte[] text = bytes(length);
      Cipher jdk = Cipher.getInstance("AES/CTR/NoPadding");
      jdk.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(counter.clone()));
      byte[] expected = jdk.doFinal(text);
      byte[] elsewhere = new byte[length + 9];
      ours.xor(counter, text, 0, length, elsewhere, 9);
      assertThat(Arrays.copyOfRange(elsewhere, 9, 9 + length)).isEqualTo(expected);
      ours.xor(counter, text, 0, length, text, 0);
      assertThat(text).as("length %d", length).isEqualTo(expected);
    }
  }

  @Test
  void theMacIsThatOfRfc2202AndOfTheJdk() throws GeneralSecurityException {
    byte[] mac = new byte[HmacSha1.BYTES];
    HmacSha1 jefe = new HmacSha1("Jefe".getBytes(StandardCharsets.US_ASCII));
    byte[] question = "what do ya want for nothing?".getBytes(StandardCharsets.US_ASCII);
    jefe.start();
    jefe.add(question, 0, question.length);
    jefe.finish(mac);
    assertThat(HEX.formatHex(mac)).isEqualTo("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    byte[] key = bytes(20);
    HmacSha1 ours = new HmacSha1(key);
    Mac jdk = Mac.getInstance("HmacSHA1");
    jdk.init(new SecretKeySpec(key, "HmacSHA1"));
    for (int length = 0; length < 300; length++) {
      byte[] text = bytes(length);
      int cut = length / 3;
      ours.start();
      ours.add(text, 0, cut);
      ours.add(text, cut, length - cut);
      ours.finish(mac);
      assertThat(mac).as("length %d", length).isEqualTo(jdk.doFinal(text));
    }
  }

  private byte[] bytes(int length) {
    byte[] made = new byte[length];
    random.nextBytes(made);
    return made;
  }
}
