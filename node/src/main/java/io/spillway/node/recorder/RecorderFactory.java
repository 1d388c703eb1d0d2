package io.spillway.node.recorder;

import io.spillway.core.time.TimeSource;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.request.TrackPlan;
import io.spillway.storage.FileNameWish;
import io.spillway.storage.FileNames;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.Placeholder;
import io.spillway.storage.spool.Spool;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;

/** Makes recorders that share a node's disk, spool and settings. */
public final class RecorderFactory {
  private final LocalOutputs outputs;
  private final Spool spool;
  private final PartJoin join;
  private final TimeSource time;
  private final FrameQueue.Budget budget =
      new FrameQueue.Budget(Runtime.getRuntime().maxMemory() / 4);
  private volatile Settings settings;

  /** How recordings are written; see {@code NodeSettings}. */
  public record Settings(
      String storagePrefix,
      Duration maxDuration,
      long maxBytes,
      boolean mp4FastStart,
      Duration spoolSync,
      ZoneId zone) {}

  /**
   * Recorders that write below {@code outputs} and are kept in {@code spool}; {@code join} makes
   * one file of several parts.
   */
  public RecorderFactory(
      LocalOutputs outputs, Spool spool, PartJoin join, Settings settings, TimeSource time) {
    this.outputs = outputs;
    this.spool = spool;
    this.join = join;
    this.settings = settings;
    this.time = time;
  }

  /** How long and how large recordings may become that begin from now on; zero: no limit. */
  public void limits(Duration maxDuration, long maxBytes) {
    Settings now = settings;
    settings =
        new Settings(
            now.storagePrefix(),
            maxDuration,
            maxBytes,
            now.mp4FastStart(),
            now.spoolSync(),
            now.zone());
  }

  /** A recorder of the plan; its caller runs it. */
  public TrackRecorder recorder(TrackPlan plan, TrackRecorder.Reports reports) {
    var options =
        new PartFiles.Options(
            settings.storagePrefix(),
            settings.mp4FastStart(),
            settings.spoolSync(),
            settings.zone());
    return new TrackRecorder(
        plan.info(),
        plan.past(),
        time,
        new FrameQueue(TrackRecorder.QUEUE_BYTES, budget),
        new PartFiles(plan, outputs, spool, join, options, time),
        limits(plan),
        reports);
  }

  private Limits limits(TrackPlan plan) {
    return new Limits(settings.maxDuration(), settings.maxBytes())
        .after(plan.earlier(), time.unixNanos());
  }

  /**
   * Checks what can be known of a plan's file before its track is: the folder is allowed and
   * writable, the disk has room.
   *
   * @throws io.spillway.storage.OutputRefusedException when it can't be had
   */
  public void requireOutput(TrackPlan plan) {
    String path =
        FileNames.resolve(
            new FileNameWish(
                plan.filepath(),
                plan.trackId(),
                Map.of(
                    Placeholder.ROOM_ID, plan.roomId(),
                    Placeholder.ROOM_NAME, plan.roomName(),
                    Placeholder.TRACK_ID, plan.trackId()),
                plan.epoch() - 1,
                Instant.ofEpochSecond(0, time.unixNanos()),
                settings.zone(),
                "")); // the codec is not known yet: the path as it was asked for
    outputs.require(FileNames.withPrefix(settings.storagePrefix(), path));
  }
}
