package io.spillway.rtc.srtp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The replay windows of the SSRCs of one direction. A track has one to three of them, so a short
 * list with the last one tried first beats a map. At {@link #MOST} the oldest gives way; only a
 * peer that holds the keys can bring that about.
 */
final class StreamWindows {
  static final int MOST = 256;

  private int[] ssrcs = new int[4];
  private @Nullable ReplayWindow[] windows = new ReplayWindow[4];
  private int size;
  private int oldest;
  private int last;

  @Nullable ReplayWindow find(int ssrc) {
    if (last < size && ssrcs[last] == ssrc) {
      return windows[last];
    }
    for (int i = 0; i < size; i++) {
      if (ssrcs[i] == ssrc) {
        last = i;
        return windows[i];
      }
    }
    return null;
  }

  void add(int ssrc, ReplayWindow window) {
    int at = size < MOST ? size++ : oldest++ % MOST;
    if (at == ssrcs.length) {
      ssrcs = Arrays.copyOf(ssrcs, at * 2);
      windows = Arrays.copyOf(windows, at * 2);
    }
    ssrcs[at] = ssrc;
    windows[at] = window;
    last = at;
  }
}
