package io.spillway.bench.tracks;

import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.bench.meter.StoredStatus;
import io.spillway.bench.stage.Stage;
import io.spillway.core.time.Deadline;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Starts and stops recordings as any client does, each to a file of its own. */
final class Recordings {
  /** How often the store is looked at: an error of half of it in what is measured. */
  static final Duration LOOK_EACH = Duration.ofMillis(2);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Terminal terminal;
  private final Stage.Parts stage;
  private int files;

  Recordings(Terminal terminal, Stage.Parts stage) {
    this.terminal = terminal;
    this.stage = stage;
  }

  Stage.Parts stage() {
    return stage;
  }

  /** Asks for one; the id comes with the API's answer. Thread-safe. */
  String start(Kind kind) throws InterruptedException {
    TrackEgressRequest request =
        TrackEgressRequest.newBuilder()
            .setRoomName(Stage.ROOM)
            .setTrackId(kind.track(stage))
            .setFile(DirectFileOutput.newBuilder().setFilepath(nextFile(kind)))
            .build();
    return client().start(request).getEgressId();
  }

  private synchronized String nextFile(Kind kind) {
    files++;
    return stage.recordings().resolve(kind.label() + "-" + files).toString();
  }

  /** Waits until its stored status is ACTIVE. */
  void awaitActive(String egressId) throws InterruptedException {
    await(egressId + " to be ACTIVE", () -> stage.stored().of(egressId) >= StoredStatus.ACTIVE);
    EgressInfo info = info(egressId);
    if (EgressText.isFinal(info.getStatus())) {
      throw new OutcomeException(
          egressId + " ended " + EgressText.status(info) + ": " + info.getError());
    }
  }

  /** Ends one, and waits for its last status. */
  EgressInfo stop(String egressId) throws InterruptedException {
    EgressInfo _ = client().stop(egressId);
    await(egressId + " to end", () -> stage.stored().of(egressId) >= StoredStatus.FIRST_FINAL);
    return info(egressId);
  }

  private EgressInfo info(String egressId) throws InterruptedException {
    return client()
        .find(egressId)
        .orElseThrow(() -> new OutcomeException(egressId + " is not known to its own node"));
  }

  /** Waits for something of the store's, looking at it each {@link #LOOK_EACH}. */
  void await(String what, BooleanSupplier there) throws InterruptedException {
    Deadline deadline = Deadline.in(terminal.time(), PATIENCE);
    while (!there.getAsBoolean()) {
      if (deadline.hasPassed()) {
        throw new OutcomeException(
            "waited %d s in vain for %s".formatted(PATIENCE.toSeconds(), what));
      }
      terminal.pause(LOOK_EACH);
    }
  }

  EgressClient client() {
    return stage.client();
  }
}
