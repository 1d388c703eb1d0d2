package io.spillway.core.token;

/**
 * What a token allows, as far as it matters to us (the {@code video} claim of LiveKit's tokens).
 * What is absent from a token is false or empty.
 *
 * @param room to which roomJoin and roomAdmin are bound
 */
public record Grants(
    boolean roomRecord,
    boolean roomList,
    boolean roomCreate,
    boolean roomAdmin,
    boolean roomJoin,
    String room) {
  /** The "room" that only Spillway's own nodes administer; no room of LiveKit's has such a name. */
  static final String FLEET = "spillway:fleet";

  /** Nothing is allowed. */
  public static final Grants NONE = new Grants(false, false, false, false, false, "");

  /** Whether the bearer is one of our own nodes, see {@link TokenSigner#fleet}. */
  public boolean isFleet() {
    return roomAdmin && room.equals(FLEET);
  }
}
