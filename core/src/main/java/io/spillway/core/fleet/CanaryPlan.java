package io.spillway.core.fleet;

import java.util.Collection;

/**
 * Which controllers send canaries to which node: each node gets them from two, whoever many
 * controllers there are, so that the load on Redis doesn't grow with them. Rendezvous hashing: when
 * a controller comes or goes only its own nodes change hands, and all agree without talking.
 */
public final class CanaryPlan {
  /** Controllers that watch each node. */
  public static final int WATCHERS = 2;

  private CanaryPlan() {}

  /**
   * Whether {@code controller} watches {@code node}.
   *
   * @param controllers that are alive; whether it contains {@code controller} itself doesn't matter
   */
  public static boolean watches(String controller, String node, Collection<String> controllers) {
    return rank(controller, node, controllers) < WATCHERS;
  }

  /** Whether {@code controller} is the first of all for {@code key}: one of them has to act. */
  public static boolean leads(String controller, String key, Collection<String> controllers) {
    return rank(controller, key, controllers) == 0;
  }

  private static int rank(String controller, String key, Collection<String> controllers) {
    long own = weight(controller, key);
    int before = 0;
    for (String other : controllers) {
      long theirs = weight(other, key);
      boolean ahead = theirs > own || (theirs == own && other.compareTo(controller) < 0);
      if (!other.equals(controller) && ahead) {
        before++;
      }
    }
    return before;
  }

  /** FNV-1a over both names, finished as splitmix64 does so that all bits count. */
  private static long weight(String controller, String key) {
    long hash = fnv(fnv(0xcbf29ce484222325L, controller) ^ '|', key);
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }

  private static long fnv(long seed, String text) {
    long hash = seed;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
