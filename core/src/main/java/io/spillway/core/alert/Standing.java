package io.spillway.core.alert;

/**
 * A finding with its history.
 *
 * @param finding as it was last found
 * @param sinceNanos when it was first found, monotonic
 * @param sinceUnixNanos the same moment for people
 * @param phase how far it is
 * @param goneSinceNanos when it was last gone, of use while it clears
 */
public record Standing(
    Finding finding, long sinceNanos, long sinceUnixNanos, Phase phase, long goneSinceNanos) {
  /** How far an alert is. */
  public enum Phase {
    /** Found, but not yet for long enough. */
    PENDING,
    /** People are told. */
    FIRING,
    /** No longer found, but not yet for long enough to say so. */
    CLEARING
  }

  /** Whether people have been told and not yet been told of its end. */
  public boolean isTold() {
    return phase != Phase.PENDING;
  }
}
