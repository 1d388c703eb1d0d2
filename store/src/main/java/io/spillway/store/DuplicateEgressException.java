package io.spillway.store;

/** The egress id is stored already. */
public final class DuplicateEgressException extends StoreException {
  private static final long serialVersionUID = 1;

  /** Names the id. */
  public DuplicateEgressException(String egressId) {
    super("egress " + egressId + " is stored already: it was not created again");
  }
}
