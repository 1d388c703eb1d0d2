package io.spillway.storage.spool;

import java.io.IOException;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON files of the spool, written by hand field by field: nodes of several versions share a spool
 * over an upgrade, so a field once written keeps its name and meaning, a missing one is empty, an
 * unknown one is left alone. {@code version} rises only when an older reader would do harm.
 */
final class SpoolJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private SpoolJson() {}

  /** The beginning of a file of this version. */
  static ObjectNode begin(int version) {
    return JSON.createObjectNode().put("version", version);
  }

  static byte[] bytes(ObjectNode root) {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  /**
   * Reads a file.
   *
   * @param known the newest version that {@code content} can read
   * @param content may throw {@link IllegalArgumentException} for what it can't
   * @throws IOException when it is damaged, or of a newer version
   */
  static <T> T read(byte[] json, int known, Function<JsonNode, T> content) throws IOException {
    try {
      JsonNode root = JSON.readTree(json);
      int version = root.path("version").asInt(0);
      if (version < 1 || version > known) {
        throw new IOException("its version is " + version + ", known is up to " + known);
      }
      return content.apply(root);
    } catch (JacksonException | IllegalArgumentException damaged) {
      throw new IOException("it can't be read: " + damaged.getMessage(), damaged);
    }
  }
}
