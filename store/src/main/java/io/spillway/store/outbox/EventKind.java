package io.spillway.store.outbox;

import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.StatusOrder;
import java.util.List;

/** What LiveKit's webhooks tell of an egress. */
public enum EventKind {
  /** A node has it. */
  STARTED("egress_started"),
  /** It records, or ends. */
  UPDATED("egress_updated"),
  /** It has ended. */
  ENDED("egress_ended");

  private final String wire;

  EventKind(String wire) {
    this.wire = wire;
  }

  /** LiveKit's name of it. */
  public String wire() {
    return wire;
  }

  /** The kind with this name of LiveKit's. */
  public static EventKind of(String wire) {
    for (EventKind kind : values()) {
      if (kind.wire.equals(wire)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no event is called " + wire);
  }

  /**
   * What an accepted report says to the world, in order (livekit-server's
   * pkg/service/ioservice.go): the first report of a node is its start, each ACTIVE and ENDING is
   * news, other reports of STARTING aren't. A start that was refused has only an end: no node ever
   * had it. Pure.
   *
   * @param before how many events the egress had
   */
  public static List<EventKind> of(int before, EgressStatus status) {
    if (StatusOrder.isFinal(status)) {
      return List.of(ENDED);
    }
    boolean moves = status != EgressStatus.EGRESS_STARTING;
    if (before == 0) {
      return moves ? List.of(STARTED, UPDATED) : List.of(STARTED);
    }
    return moves ? List.of(UPDATED) : List.of();
  }
}
