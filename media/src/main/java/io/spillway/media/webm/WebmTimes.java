package io.spillway.media.webm;

import io.spillway.core.media.Codec;

/** Ticks to the milliseconds that WebM counts in. */
final class WebmTimes {
  private WebmTimes() {}

  static long millis(long ticks, Codec codec) {
    return (ticks * 1000 + codec.clockRate() / 2) / codec.clockRate();
  }
}
