package io.spillway.storage.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealTest {
  private static final byte[] PLAIN = "request".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private final SecureRandom random = new SecureRandom();

  private SealKeys file() throws IOException {
    return SealKeys.ofFile(folder.resolve("deep/secrets.key"), random);
  }

  @Test
  void whatWasSealedOpensWithTheSameFile() throws IOException {
    byte[] sealed = new Seal(file(), random).seal(PLAIN, "EG_1");
    assertThat(new Seal(file(), random).unseal(sealed, "EG_1")).isEqualTo(PLAIN);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("deep/secrets.key"))))
        .isEqualTo("rw-------");
    assertThat(new Seal(file(), random).seal(PLAIN, "EG_1")).isNotEqualTo(sealed);
  }

  @Test
  void everyChangedBitAndAnotherContextAreNoticed() throws IOException {
    Seal seal = new Seal(file(), random);
    byte[] sealed = seal.seal(PLAIN, "EG_1");
    assertThatThrownBy(() -> seal.unseal(sealed, "EG_2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("EG_2");
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] = (byte) (changed[bit / 8] ^ (1 << (bit % 8)));
      assertThatThrownBy(() -> seal.unseal(changed, "EG_1")).isInstanceOf(IOException.class);
    }
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertThatThrownBy(() -> seal.unseal(cut, "EG_1")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRotatedSetSealsWithTheNewKeyAndOpensTheOld() throws IOException {
    SealKeys old = file();
    byte[] sealed = new Seal(old, random).seal(PLAIN, "EG_1");
    SealKeys rotated = old.rotated(random);
    rotated.write(folder.resolve("deep/secrets.key"));
    Seal now = new Seal(file(), random);
    assertThat(now.unseal(sealed, "EG_1")).isEqualTo(PLAIN);
    assertThat(rotated.current()).isNotEqualTo(old.current());
    byte[] sealedNow = now.seal(PLAIN, "EG_1");
    assertThatThrownBy(() -> new Seal(old, random).unseal(sealedNow, "EG_1"))
        .hasMessageContaining(rotated.current());
  }

  @Test
  void anOperatorsKeyMustBeWholeAndNamed() {
    String key = Base64.getEncoder().encodeToString(new byte[32]);
    SealKeys keys = SealKeys.of("a", Map.of("a", key));
    assertThat(keys.toString()).doesNotContain(key);
    assertThatThrownBy(() -> SealKeys.of("b", Map.of("a", key)))
        .hasMessageContaining("secrets_key");
    assertThatThrownBy(() -> SealKeys.of("a", Map.of("a", "AAAA")))
        .hasMessageContaining("needs 32");
  }

  @Test
  void aDamagedKeyFileIsNamedWithoutItsContent() throws IOException {
    Path file = folder.resolve("k");
    Files.writeString(file, "{\"current\":\"a\",\"keys\":{\"a\":\"c2VjcmV0\"}}");
    assertThatThrownBy(() -> SealKeys.ofFile(file, random))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageNotContaining("c2VjcmV0");
  }
}
