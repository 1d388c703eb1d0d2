package io.spillway.rtc.cipher;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AesGcmTest {
  /** Three pieces of key stream and some. */
  private static final int LONGEST = 3 * CounterMode.PIECE_BLOCKS * CounterMode.BLOCK_BYTES + 40;

  private static final HexFormat HEX = HexFormat.of();
  private static final String KEY = "feffe9928665731c6d6a8f9467308308";
  private static final String NONCE = "cafebabefacedbaddecaf888";
  private static final String TEXT =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
  private static final String CLEAR = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
  private static final String ZEROS = "00000000000000000000000000000000";

  /** One of the cases that NIST took over from the proposal of GCM (McGrew and Viega, 2005). */
  record Vector(String key, String nonce, String clear, String text, String tag) {}

  static Stream<Vector> vectors() {
    String none = ZEROS.substring(8);
    String shorter = TEXT.substring(0, 120);
    return Stream.of(
        new Vector(ZEROS, none, "", "", "58e2fccefa7e3061367f1d57a4e7455a"),
        new Vector(ZEROS, none, "", ZEROS, "ab6e47d42cec13bdf53a67b21257bddf"),
        new Vector(KEY, NONCE, "", TEXT, "4d5c2af327cd64a62cf35abd2ba6fab4"),
        new Vector(KEY, NONCE, CLEAR, shorter, "5bc94fbc3221a5db94fae95ae7121a47"),
        new Vector(ZEROS + ZEROS, none, "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        new Vector(ZEROS + ZEROS, none, "", ZEROS, "d0d1c8a799996bf0265b98b5d48ab919"),
        new Vector(KEY + KEY, NONCE, CLEAR, shorter, "76fc6ece0f4e1768cddf8853bb2d551b"));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void tagsAreThoseOfThePublishedCases(Vector vector) {
    byte[] clear = HEX.parseHex(vector.clear());
    byte[] text = HEX.parseHex(vector.text());
    byte[] sealed = Arrays.copyOf(text, text.length + AesGcm.TAG_BYTES);
    byte[] nonce = HEX.parseHex(vector.nonce());
    new AesGcm(HEX.parseHex(vector.key()))
        .seal(nonce, clear, 0, clear.length, sealed, 0, text.length);
    assertThat(HEX.formatHex(sealed, text.length, sealed.length)).isEqualTo(vector.tag());
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void everyLengthSealsAndOpensAsTheJdkDoes(int keyBytes) throws GeneralSecurityException {
    Random random = new Random(7 + keyBytes);
    for (int length = 0; length <= LONGEST; length++) {
      Sample sample = new Sample(random, keyBytes, length, random.nextInt(60));
      AesGcm ours = new AesGcm(sample.key);
      byte[] sealed = sample.sealedByTheJdk();
      byte[] mine = sample.packet.clone();
      ours.seal(sample.nonce, mine, 3, sample.clearBytes, mine, sample.textAt(), length);
      assertThat(mine).as("length %d", length).isEqualTo(sealed);
      byte[] opened = new byte[length + 5];
      assertThat(sample.open(ours, sealed, opened)).as("length %d", length).isTrue();
      assertThat(Arrays.copyOfRange(opened, 5, 5 + length)).isEqualTo(sample.text());
    }
  }

  @Test
  void oneKeySealsAndOpensLongAndShortInTurn() throws GeneralSecurityException {
    Random random = new Random(99);
    byte[] key = new byte[32];
    random.nextBytes(key);
    AesGcm ours = new AesGcm(key);
    for (int round = 0; round < 500; round++) {
      Sample sample = new Sample(random, 32, random.nextInt(1_400), 12 + random.nextInt(30));
      System.arraycopy(key, 0, sample.key, 0, key.length);
      byte[] sealed = sample.packet.clone();
      ours.seal(sample.nonce, sealed, 3, sample.clearBytes, sealed, sample.textAt(), sample.length);
      assertThat(sealed).isEqualTo(sample.sealedByTheJdk());
      byte[] opened = new byte[sample.length];
      assertThat(
              ours.open(
                  sample.nonce,
                  sealed,
                  3,
                  sample.clearBytes,
                  sealed,
                  sample.textAt(),
                  sample.length,
                  opened,
                  0))
          .isTrue();
      assertThat(opened).isEqualTo(sample.text());
    }
  }

  @Test
  void aChangedBitAnywhereIsRefusedAndNothingOfTheTextComesOut() throws GeneralSecurityException {
    Sample sample = new Sample(new Random(5), 32, 37, 20);
    AesGcm ours = new AesGcm(sample.key);
    byte[] sealed = sample.sealedByTheJdk();
    for (int bit = 3 * 8; bit < sealed.length * 8; bit++) {
      byte[] forged = sealed.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      byte[] opened = new byte[5 + sample.length];
      assertThat(sample.open(ours, forged, opened)).as("bit %d", bit).isFalse();
      assertThat(opened).containsOnly(0);
    }
  }

  /** Three bytes of something else, bytes in clear, a text, room for the tag. */
  private static final class Sample {
    private final byte[] key;
    private final byte[] nonce = new byte[AesGcm.NONCE_BYTES];
    private final byte[] packet;
    private final int clearBytes;
    private final int length;

    Sample(Random random, int keyBytes, int length, int clearBytes) {
      key = new byte[keyBytes];
      this.length = length;
      this.clearBytes = clearBytes;
      packet = new byte[3 + clearBytes + length + AesGcm.TAG_BYTES];
      random.nextBytes(key);
      random.nextBytes(nonce);
      random.nextBytes(packet);
    }

    int textAt() {
      return 3 + clearBytes;
    }

    byte[] text() {
      return Arrays.copyOfRange(packet, textAt(), textAt() + length);
    }

    byte[] sealedByTheJdk() throws GeneralSecurityException {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new GCMParameterSpec(AesGcm.TAG_BYTES * 8, nonce));
      cipher.updateAAD(packet, 3, clearBytes);
      byte[] sealed = packet.clone();
      cipher.doFinal(packet, textAt(), length, sealed, textAt());
      return sealed;
    }

    boolean open(AesGcm ours, byte[] sealed, byte[] opened) {
      return ours.open(nonce, sealed, 3, clearBytes, sealed, textAt(), length, opened, 5);
    }
  }
}
