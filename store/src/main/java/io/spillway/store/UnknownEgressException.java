package io.spillway.store;

/** The egress id isn't stored. */
public final class UnknownEgressException extends StoreException {
  private static final long serialVersionUID = 1;

  /** Names the id and what was to be done with it. */
  public UnknownEgressException(String egressId, String attempt) {
    super("cannot " + attempt + " egress " + egressId + ": no such egress is stored");
  }
}
