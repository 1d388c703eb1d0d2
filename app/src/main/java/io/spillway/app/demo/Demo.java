package io.spillway.app.demo;

import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.client.Progress;
import io.spillway.app.client.Table;
import io.spillway.app.clip.Clip;
import io.spillway.app.clip.RoomPublisher;
import io.spillway.app.command.OutcomeException;
import io.spillway.app.command.Terminal;
import io.spillway.core.time.Deadline;
import io.spillway.media.ffmpeg.FfmpegPrograms;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The recording part of the demo: two Track egresses by HTTP, watched, stopped, and looked at.
 * Server, publisher and recorder stand already.
 */
final class Demo {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK_EACH = Duration.ofMillis(50);
  private static final Duration SHOW_EACH = Duration.ofSeconds(1);

  private final Terminal terminal;
  private final EgressClient client;
  private final FfmpegPrograms programs;
  private final Path out;

  Demo(Terminal terminal, EgressClient client, FfmpegPrograms programs, Path out) {
    this.terminal = terminal;
    this.client = client;
    this.programs = programs;
    this.out = out;
  }

  private record Running(Clip clip, String egressId) {}

  /** Records each published track for {@code length}; whether all files are right. */
  boolean record(String room, RoomPublisher publisher, List<Clip> clips, Duration length)
      throws InterruptedException {
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < clips.size(); i++) {
      running.add(start(room, publisher.trackSids().get(i), clips.get(i)));
    }
    Deadline end = Deadline.in(terminal.time(), length);
    while (!end.hasPassed()) {
      show(running);
      terminal.pause(shorter(SHOW_EACH, Duration.ofNanos(Math.max(0, end.remainingNanos()))));
    }
    Table table = new Table("FILE", "CODEC", "LENGTH", "SIZE", "CHECK");
    boolean right = true;
    List<Long> askedUnixNanos = new ArrayList<>();
    for (Running one : running) {
      askedUnixNanos.add(terminal.time().unixNanos());
      client.stop(one.egressId);
    }
    for (int i = 0; i < running.size(); i++) {
      right &= finish(running.get(i), askedUnixNanos.get(i), table);
    }
    terminal.progressDone();
    table.lines().forEach(terminal::say);
    return right;
  }

  private Running start(String room, String track, Clip clip) throws InterruptedException {
    long asked = terminal.time().nanos();
    String kind = clip.codec().kind().name().toLowerCase(Locale.ROOT);
    EgressInfo info =
        client.start(
            TrackEgressRequest.newBuilder()
                .setRoomName(room)
                .setTrackId(track)
                .setFile(
                    DirectFileOutput.newBuilder()
                        .setFilepath(out.resolve(kind + "-{time}").toString()))
                .build());
    await(info.getEgressId(), EgressStatus.EGRESS_ACTIVE);
    long millis = (terminal.time().nanos() - asked) / 1_000_000;
    terminal.say(
        info.getEgressId() + "  " + kind + " track " + track + "  active after " + millis + " ms");
    return new Running(clip, info.getEgressId());
  }

  private void show(List<Running> running) throws InterruptedException {
    Map<String, Progress> progress = client.progress();
    StringBuilder line = new StringBuilder();
    for (Running one : running) {
      Progress now = progress.getOrDefault(one.egressId, new Progress(0, 0));
      line.append(one.clip.codec().name().toLowerCase(Locale.ROOT))
          .append("  ")
          .append(status(one.egressId))
          .append("  ")
          .append(EgressText.clock(Duration.ofMillis(Math.round(now.seconds() * 1000))))
          .append("  ")
          .append(EgressText.bytes(now.bytes()))
          .append("    ");
    }
    terminal.progress(line.toString().stripTrailing());
  }

  private String status(String egressId) throws InterruptedException {
    return client.find(egressId).map(EgressText::status).orElse("unknown");
  }

  private boolean finish(Running one, long askedUnixNanos, Table table)
      throws InterruptedException {
    EgressInfo info = await(one.egressId, EgressStatus.EGRESS_COMPLETE);
    if (info.getFileResultsCount() != 1) {
      throw new OutcomeException(one.egressId + " has no file: " + info);
    }
    FileInfo file = info.getFileResults(0);
    Duration asked = Duration.ofNanos(askedUnixNanos - file.getStartedAt());
    Path path = Path.of(file.getLocation().isEmpty() ? file.getFilename() : file.getLocation());
    Check check = Check.of(programs, path, one.clip.codec(), asked);
    table.row(
        path.toString(),
        check.codec(),
        EgressText.clock(check.length()),
        EgressText.bytes(check.bytes()),
        check.wrong().orElse("plays from end to end"));
    return check.wrong().isEmpty();
  }

  private EgressInfo await(String egressId, EgressStatus wanted) throws InterruptedException {
    Deadline deadline = Deadline.in(terminal.time(), PATIENCE);
    while (true) {
      EgressInfo info =
          client
              .find(egressId)
              .orElseThrow(() -> new OutcomeException(egressId + " is not known to the server"));
      if (info.getStatus() == wanted) {
        return info;
      }
      if (EgressText.isFinal(info.getStatus())) {
        throw new OutcomeException(
            egressId + " ended " + EgressText.status(info) + ": " + info.getError());
      }
      if (deadline.hasPassed()) {
        throw new OutcomeException(
            "%s is still %s after %d s"
                .formatted(egressId, EgressText.status(info), PATIENCE.toSeconds()));
      }
      terminal.pause(LOOK_EACH);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
