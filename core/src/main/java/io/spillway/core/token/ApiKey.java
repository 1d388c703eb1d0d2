package io.spillway.core.token;

/**
 * A LiveKit API key with its secret.
 *
 * @param key the public name; a token's {@code iss}
 * @param secret signs and checks; never printed
 */
public record ApiKey(String key, String secret) {
  /** Checks that neither is empty: an empty secret would let anyone sign. */
  public ApiKey {
    if (key.isEmpty() || secret.isEmpty()) {
      throw new IllegalArgumentException(
          "API key '" + key + "' needs both a key and a secret, one of them is empty");
    }
  }

  /** The key without its secret. */
  @Override
  public String toString() {
    return "ApiKey[" + key + "]";
  }
}
