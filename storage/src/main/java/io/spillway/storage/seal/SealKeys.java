package io.spillway.storage.seal;

import io.spillway.storage.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The keys of a {@link Seal}: one that seals, and older ones that still open. Immutable; {@link
 * #rotated} gives a new set. {@code toString} never shows a key.
 */
public final class SealKeys {
  private static final Logger log = LoggerFactory.getLogger(SealKeys.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int KEY_BYTES = 32;

  private final String current;
  private final Map<String, SecretKey> keys;

  private SealKeys(String current, Map<String, SecretKey> keys) {
    this.current = current;
    this.keys = Map.copyOf(keys);
  }

  /**
   * Keys from the operator ({@code secrets_key}): each 32 bytes in Base64, by id; the current one's
   * id is named.
   */
  public static SealKeys of(String current, Map<String, String> base64ById) {
    Map<String, SecretKey> keys = new LinkedHashMap<>();
    base64ById.forEach((id, base64) -> keys.put(id, key(id, base64)));
    if (!keys.containsKey(current)) {
      throw new IllegalArgumentException(
          "secrets_key: no key has the current id '" + current + "'");
    }
    return new SealKeys(current, keys);
  }

  /** The keys in a file, which is made with a new key (mode 0600) when it isn't there. */
  public static SealKeys ofFile(Path file, SecureRandom random) throws IOException {
    if (!Files.exists(file)) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      SealKeys first = new SealKeys("", Map.of()).rotated(random);
      first.write(file);
      return first;
    }
    warnIfOthersMayRead(file);
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      Map<String, String> base64ById = new LinkedHashMap<>();
      root.path("keys")
          .properties()
          .forEach(entry -> base64ById.put(entry.getKey(), entry.getValue().asString("")));
      return of(root.path("current").asString(""), base64ById);
    } catch (JacksonException | IllegalArgumentException damaged) {
      // its text may hold key bytes: the cause stays out of the message
      throw new IOException("the key file " + file + " can't be read", damaged);
    }
  }

  /** The same with a new current key; what older ones sealed can still be opened. */
  public SealKeys rotated(SecureRandom random) {
    byte[] id = new byte[4];
    random.nextBytes(id);
    byte[] key = new byte[KEY_BYTES];
    random.nextBytes(key);
    String name = "k" + HexFormat.of().formatHex(id);
    Map<String, SecretKey> more = new LinkedHashMap<>(keys);
    more.put(name, new SecretKeySpec(key, "AES"));
    return new SealKeys(name, more);
  }

  /** Writes the keys for {@link #ofFile}, readable by the owner only. */
  public void write(Path file) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", 1);
    root.put("current", current);
    ObjectNode all = root.putObject("keys");
    keys.forEach((id, key) -> all.put(id, Base64.getEncoder().encodeToString(key.getEncoded())));
    AtomicFile.writeSecret(file, JSON.writeValueAsBytes(root));
  }

  /** The id of the key that seals now. */
  public String current() {
    return current;
  }

  boolean has(String id) {
    return keys.containsKey(id);
  }

  SecretKey key(String id) {
    SecretKey key = keys.get(id);
    if (key == null) {
      throw new IllegalArgumentException("no key " + id);
    }
    return key;
  }

  private static SecretKey key(String id, String base64) {
    if (id.isEmpty() || id.length() > 64 || !id.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException("secrets_key: a key's id is 1 to 64 ASCII letters");
    }
    byte[] bytes = Base64.getDecoder().decode(base64);
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "secrets_key: key %s has %d bytes, needs %d".formatted(id, bytes.length, KEY_BYTES));
    }
    return new SecretKeySpec(bytes, "AES");
  }

  private static void warnIfOthersMayRead(Path file) throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.contains(PosixFilePermission.GROUP_READ)
        || mode.contains(PosixFilePermission.OTHERS_READ)) {
      log.atWarn().addKeyValue("file", file).log("others may read the key file: chmod 600 it");
    }
  }

  @Override
  public String toString() {
    return "SealKeys[current=" + current + ", " + keys.size() + " keys]";
  }
}
