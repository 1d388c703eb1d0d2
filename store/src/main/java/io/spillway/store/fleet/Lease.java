package io.spillway.store.fleet;

/**
 * A duty and who has it.
 *
 * @param name of the duty
 * @param holder empty when nobody has it
 * @param epoch rises with each new holder: what is done under an older one can be told apart
 * @param beats rises with each renewal; the holder of a lease whose beats stand still is gone
 */
public record Lease(String name, String holder, long epoch, long beats) {
  /** Whether nobody has it. */
  public boolean isFree() {
    return holder.isEmpty();
  }
}
