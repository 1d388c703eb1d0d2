package io.spillway.core.token;

/** What became of a token that someone sent. */
public sealed interface TokenCheck {
  /**
   * It is genuine and in its time.
   *
   * @param apiKey that signed it
   * @param identity its {@code sub}, else its {@code jti}, else empty
   */
  record Accepted(String apiKey, String identity, Grants grants) implements TokenCheck {}

  /**
   * It isn't; {@code text} is what livekit-server answers in this case, with status 401.
   *
   * @param apiKey the key it claims to be signed with; empty when that can't be read
   */
  record Refused(String text, String apiKey) implements TokenCheck {}
}
