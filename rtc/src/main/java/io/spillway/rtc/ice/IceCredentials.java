package io.spillway.rtc.ice;

import java.util.random.RandomGenerator;

/**
 * User name fragment and password of one side for one ICE generation.
 *
 * @param ufrag at least 4 characters (RFC 8839 section 5.4)
 * @param password at least 22 characters
 */
record IceCredentials(String ufrag, String password) {
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final int UFRAG_CHARACTERS = 8;
  private static final int PASSWORD_CHARACTERS = 28;

  /** Fresh ones; {@code random} must be unpredictable in production. */
  static IceCredentials create(RandomGenerator random) {
    return new IceCredentials(text(random, UFRAG_CHARACTERS), text(random, PASSWORD_CHARACTERS));
  }

  private static String text(RandomGenerator random, int characters) {
    StringBuilder text = new StringBuilder(characters);
    for (int i = 0; i < characters; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }
}
