package io.spillway.controller.idempotency;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A start as its client asked for it.
 *
 * @param apiKey whose token asked
 * @param key the {@code Idempotency-Key}; empty: none
 * @param bodyHash of method and message, the same for JSON and protobuf
 */
public record StartCall(String apiKey, String key, String bodyHash) {
  private static final int LONGEST_KEY = 255;

  /**
   * Reads the key.
   *
   * @throws RpcException {@code invalid_argument} for a key that is too long or not printable ASCII
   */
  public static StartCall of(String apiKey, String key, String method, Message request) {
    if (key.length() > LONGEST_KEY || key.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new RpcException(
          RpcCode.INVALID_ARGUMENT,
          "Idempotency-Key must be 1 to %d printable ASCII characters".formatted(LONGEST_KEY));
    }
    return new StartCall(apiKey, key, key.isEmpty() ? "" : hash(method, request));
  }

  private static String hash(String method, Message request) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((method + "\n").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha.digest(bytes(request)));
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has SHA-256", absent);
    }
  }

  /** Maps in the order of their keys: a client may send them in any. */
  private static byte[] bytes(Message request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      request.writeTo(out);
      out.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory can't fail to be written", impossible);
    }
    return bytes.toByteArray();
  }
}
