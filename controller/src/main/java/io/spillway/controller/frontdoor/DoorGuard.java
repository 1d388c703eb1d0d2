package io.spillway.controller.frontdoor;

import io.spillway.controller.fleet.FleetBook;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the door shut until it is known that nobody else takes livekit-server's requests, and looks
 * for strangers from then on. {@link #prove} and {@link #look} belong to one thread at a time; what
 * they found may be asked by any.
 */
final class DoorGuard {
  static final Duration ROUND = Duration.ofMillis(500);
  private static final int ROUNDS_AT_LEAST = 2;

  /** Longer than a stranger takes to be certain; without an answer by then Redis is away. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final byte[] NOTHING_MORE = {};
  private static final Logger LOG = LoggerFactory.getLogger(DoorGuard.class);

  private final DoorBus door;
  private final MessageBus fleetBus;
  private final FleetBook book;
  private final ClaimProbe probe;
  private final TimeSource time;
  private final Strangers strangers = new Strangers();
  private volatile boolean open;
  private volatile boolean sameServer;
  private volatile List<String> certain = List.of();

  DoorGuard(DoorBus door, MessageBus fleetBus, FleetBook book, ClaimProbe probe, TimeSource time) {
    this.door = door;
    this.fleetBus = fleetBus;
    this.book = book;
    this.probe = probe;
    this.time = time;
  }

  /** Whether requests may be taken. */
  boolean isOpen() {
    return open;
  }

  /** Who else takes them. */
  List<String> strangers() {
    return certain;
  }

  /**
   * Opens the door, unless nothing was heard on it: then a later {@link #look} does.
   *
   * @throws IllegalStateException when there is a stranger, or both buses are one Redis
   */
  void prove() throws InterruptedException {
    String channel = "Spillway|FrontDoor|" + book.controllerId();
    try (MessageBus.Subscription _ = fleetBus.subscribe(channel, false, _ -> sameServer = true)) {
      Deadline patience = Deadline.in(time, PATIENCE);
      for (int round = 1; !patience.hasPassed(); round++) {
        publishQuietly(channel);
        boolean heard = round();
        refuseWhatIsWrong();
        if (heard && round >= ROUNDS_AT_LEAST && !strangers.isAnyUnknown()) {
          open = true;
          return;
        }
      }
    }
    LOG.atWarn()
        .addKeyValue("redis", door.where())
        .log("front door not open yet: its Redis, the fleet's or the store doesn't answer");
  }

  private void publishQuietly(String channel) {
    try {
      door.bus().publish(channel, NOTHING_MORE);
    } catch (RpcException full) {
      LOG.atDebug().setCause(full).log("front door's bus takes no messages");
    }
  }

  private void refuseWhatIsWrong() {
    if (sameServer) {
      throw new IllegalStateException(
          ("front_door and redis are one Redis server (%s): livekit-server would take the reports"
                  + " of this fleet's nodes. Give the fleet a Redis server of its own; another db"
                  + " is not enough, pub/sub ignores it")
              .formatted(door.where()));
    }
    if (!certain.isEmpty()) {
      throw new IllegalStateException(
          ("the front door at %s is not ours alone: %s takes livekit-server's egress requests"
                  + " there, and is no controller of this fleet. Stop it (livekit/egress, a"
                  + " 'spillway node' without controller_urls, or another fleet) or give it"
                  + " another Redis, and start again")
              .formatted(door.where(), String.join(", ", certain)));
    }
  }

  /** Looks once, for half a second; opens the door when that is possible now. */
  void look() throws InterruptedException {
    List<String> before = certain;
    boolean heard = round();
    if (heard && !open && !strangers.isAnyUnknown()) {
      open = true;
      LOG.atInfo().addKeyValue("redis", door.where()).log("front door open");
    }
    if (!certain.isEmpty() && !certain.equals(before)) {
      LOG.atError()
          .addKeyValue("redis", door.where())
          .addKeyValue("strangers", certain)
          .log("somebody else takes livekit-server's egress requests at the front door");
    }
  }

  /**
   * Whether our own claim came back, the proof that both ways work, and claimants could be judged:
   * who doesn't hear the fleet's bus can't tell who is a controller.
   */
  private boolean round() throws InterruptedException {
    Set<String> claimants = probe.ask(ROUND);
    if (book.isBlind()) {
      return false;
    }
    strangers.saw(claimants, book.controllers(), time.nanos());
    certain = strangers.certain();
    return claimants.contains(book.controllerId());
  }
}
