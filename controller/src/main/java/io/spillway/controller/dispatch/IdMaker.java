package io.spillway.controller.dispatch;

import java.util.random.RandomGenerator;

/**
 * Ids as LiveKit makes them: a prefix and 12 characters of the 57 that can't be mistaken for each
 * other (livekit/protocol utils/guid). Thread-safe.
 */
public final class IdMaker {
  private static final String ALPHABET =
      "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final int LENGTH = 12;

  private final RandomGenerator random;

  /** {@code random} need not be thread-safe, but must not be guessable where ids must not be. */
  public IdMaker(RandomGenerator random) {
    this.random = random;
  }

  /** An id for a new egress. */
  public String egress() {
    return next("EG_");
  }

  /** An id for one life of a controller. */
  public String controller() {
    return next("CO_");
  }

  /** An id for a request that came without one. */
  public String request() {
    return next("REQ_");
  }

  private synchronized String next(String prefix) {
    StringBuilder id = new StringBuilder(prefix.length() + LENGTH).append(prefix);
    for (int i = 0; i < LENGTH; i++) {
      id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return id.toString();
  }
}
