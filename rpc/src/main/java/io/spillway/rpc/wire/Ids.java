package io.spillway.rpc.wire;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Ids as psrpc makes them: a prefix and twelve letters or digits. Thread-safe without a lock.
 *
 * <p>The generator handed in only gives the seed, because few generators may be shared between
 * threads. From there it is SplitMix64 (Steele, Lea, Flood 2014) over an atomic counter: the same
 * seed gives the same ids to a simulation in one thread.
 */
public final class Ids {
  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final int HALF = 6;

  private final AtomicLong state;
  private final long salt;

  /** Takes its seed from {@code random}, now. */
  public Ids(RandomGenerator random) {
    this.state = new AtomicLong(random.nextLong());
    this.salt = random.nextLong();
  }

  /** A client's id. */
  public String client() {
    return id("CLI_");
  }

  /** A server's id. */
  public String server() {
    return id("SRV_");
  }

  /** A request's id. */
  public String request() {
    return id("REQ_");
  }

  private String id(String prefix) {
    char[] id = new char[prefix.length() + 2 * HALF];
    prefix.getChars(0, prefix.length(), id, 0);
    long counter = state.getAndAdd(GOLDEN_GAMMA);
    spell(mix(counter), id, prefix.length());
    spell(mix(counter ^ salt), id, prefix.length() + HALF);
    return new String(id);
  }

  /** 62^6 is far below 2^64: no letter is noticeably likelier. */
  private static void spell(long value, char[] into, int at) {
    long rest = value;
    for (int i = 0; i < HALF; i++) {
      into[at + i] = LETTERS.charAt((int) Long.remainderUnsigned(rest, LETTERS.length()));
      rest = Long.divideUnsigned(rest, LETTERS.length());
    }
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
