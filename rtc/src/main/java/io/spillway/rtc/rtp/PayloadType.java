package io.spillway.rtc.rtp;

import io.spillway.core.media.Codec;
import java.util.Map;

/**
 * One payload type of the answered SDP.
 *
 * @param number 0 to 127
 * @param associated for RTX: the payload type it repeats ({@code apt}); else the number itself
 * @param fmtp the parameters of its {@code a=fmtp} line, by lower-case name
 */
public record PayloadType(
    int number, Codec codec, Kind kind, int associated, Map<String, String> fmtp) {
  /** What a payload type number carries. */
  public enum Kind {
    MEDIA,
    RED,
    RTX
  }

  /** Checks the ranges and copies the map. */
  public PayloadType {
    if (number < 0 || number > 127 || associated < 0 || associated > 127) {
      throw new IllegalArgumentException("payload type " + number + " for " + associated);
    }
    fmtp = Map.copyOf(fmtp);
  }
}
