package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.core.time.TimeSource;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.Container;
import io.spillway.media.track.Salvage;
import io.spillway.media.track.TrackFiles;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.parts.PartResults;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.TrackDescription;
import io.spillway.storage.FileNameWish;
import io.spillway.storage.FileNames;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.OutputRefusedException;
import io.spillway.storage.Placeholder;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.PartsManifest;
import io.spillway.storage.spool.Spool;
import io.spillway.storage.spool.SpoolException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one part of an egress goes on disk: its name, its place in the spool, the manifest beside
 * it. Belongs to the recorder's thread.
 */
final class PartFiles implements FilePlace {
  private static final Logger LOG = LoggerFactory.getLogger(PartFiles.class);

  private final TrackPlan plan;
  private final LocalOutputs outputs;
  private final Spool spool;
  private final PartJoin join;
  private final Options options;
  private final TimeSource time;
  private final Kept kept = new Kept();
  private Part part;

  /** Whether the spool has this part: a start may be refused while a slow disk still keeps it. */
  private static final class Kept {
    boolean begun;
    boolean forsaken;
  }

  /** How files are written; see {@code NodeSettings}. */
  record Options(String storagePrefix, boolean mp4FastStart, Duration spoolSync, ZoneId zone) {}

  PartFiles(TrackPlan plan, LocalOutputs outputs, Spool spool, Options options, TimeSource time) {
    this.plan = plan;
    this.outputs = outputs;
    this.spool = spool;
    this.join = new PartJoin(spool, outputs, options.mp4FastStart());
    this.options = options;
    this.time = time;
    this.part =
        Part.begun(
            plan.egressId(),
            plan.epoch(),
            new Part.Room(plan.roomId(), plan.roomName(), plan.serverUrl()),
            new Part.Track(plan.trackId(), "", "", "", ""),
            Part.File.begun("", plan.filepath(), !plan.disableManifest(), 0));
  }

  @Override
  public String trackId() {
    return plan.trackId();
  }

  @Override
  public int part() {
    return plan.info().getFileResultsCount() - 1;
  }

  /** Keeps the part in the spool, so that whoever starts after a crash knows of it. */
  @Override
  public void begin() {
    synchronized (kept) {
      if (kept.forsaken) {
        return;
      }
      try {
        spool.create(part, plan.request().toByteArray());
        kept.begun = true;
      } catch (SpoolException failure) {
        throw new EgressFailedException(spoolFailed(failure), failure);
      }
    }
  }

  /** Else the id could not be started again, and the next process would record it unasked. */
  @Override
  public void forsake() {
    synchronized (kept) {
      kept.forsaken = true;
      if (kept.begun) {
        forget(List.of(part));
      }
    }
  }

  @Override
  public RecordingFile open(EgressInfo info, TrackDescription track) {
    if (!track.codec().isCopied()) {
      String what =
          "recording "
              + track.codec().mimeType()
              + " needs a codec: it is not implemented by this egress node yet";
      throw new EgressFailedException(new Failure(501, what));
    }
    Path path = claim(info, track);
    String storageName = storageName(info, track, path);
    try {
      note(info, track, path, storageName);
      TrackWriter writer = TrackFiles.create(track.codec(), path, writerOptions(track));
      return new RecordingFile(track, writer, path, storageName, options.spoolSync(), time);
    } catch (IOException failure) {
      giveBack(path);
      throw new EgressFailedException(outputFailed(path, failure), failure);
    } catch (SpoolException failure) {
      giveBack(path);
      throw new EgressFailedException(spoolFailed(failure), failure);
    }
  }

  private void giveBack(Path claimed) {
    try {
      outputs.release(claimed);
    } catch (IOException leftover) {
      LOG.atWarn()
          .addKeyValue("file", claimed)
          .setCause(leftover)
          .log("an unused file could not be removed");
    }
  }

  /** What a failure to write means: a full disk is told as such. */
  static Failure outputFailed(Path path, Throwable failure) {
    String why = String.valueOf(failure.getMessage());
    boolean full = why.contains("No space left") || why.contains("Disk quota exceeded");
    return full ? Failure.noSpaceLeft(path.toString()) : Failure.outputFailed(path.toString(), why);
  }

  private TrackFiles.Options writerOptions(TrackDescription track) {
    return TrackFiles.Options.of(track.codec(), plan.filepath())
        .withStereo(track.stereo())
        .withSize(track.width(), track.height())
        .withMp4FastStart(options.mp4FastStart());
  }

  private Path claim(EgressInfo info, TrackDescription track) {
    try {
      return outputs.claim(resolved(info, track));
    } catch (OutputRefusedException refused) {
      throw new EgressFailedException(failure(refused), refused);
    }
  }

  /** What LiveKit's codes say of a refused output. */
  static Failure failure(OutputRefusedException refused) {
    return switch (refused.reason()) {
      case INVALID_PATH, OUTSIDE_ROOTS, NOT_WRITABLE, LOCAL_DISALLOWED ->
          new Failure(400, String.valueOf(refused.getMessage()));
      case NO_SPACE -> new Failure(429, String.valueOf(refused.getMessage()));
    };
  }

  private static Failure spoolFailed(SpoolException failure) {
    return outputFailed(Path.of("the spool"), failure);
  }

  private String resolved(EgressInfo info, TrackDescription track) {
    Map<Placeholder, String> values = new EnumMap<>(Placeholder.class);
    values.put(Placeholder.ROOM_ID, info.getRoomId());
    values.put(Placeholder.ROOM_NAME, info.getRoomName());
    values.put(Placeholder.PUBLISHER_IDENTITY, track.publisherIdentity());
    values.put(Placeholder.TRACK_ID, track.sid());
    values.put(Placeholder.TRACK_TYPE, kind(track));
    values.put(Placeholder.TRACK_SOURCE, track.source());
    return FileNames.withPrefix(
        options.storagePrefix(),
        FileNames.resolve(
            new FileNameWish(
                plan.filepath(),
                track.sid(),
                values,
                plan.epoch() - 1,
                Instant.ofEpochSecond(0, info.getStartedAt()),
                options.zone(),
                "." + Container.of(track.codec(), plan.filepath()).extension())));
  }

  /** The name as the caller wrote it; with the number it got when it was taken. */
  private String storageName(EgressInfo info, TrackDescription track, Path claimed) {
    String wanted = resolved(info, track);
    Path name = claimed.getFileName();
    return name == null ? wanted : wanted.substring(0, wanted.lastIndexOf('/') + 1) + name;
  }

  private void note(EgressInfo info, TrackDescription track, Path path, String storageName) {
    part =
        Part.begun(
            plan.egressId(),
            plan.epoch(),
            new Part.Room(info.getRoomId(), info.getRoomName(), plan.serverUrl()),
            new Part.Track(
                track.sid(),
                kind(track),
                track.source(),
                track.codec().mimeType(),
                track.publisherIdentity()),
            Part.File.begun(
                path.toString(), storageName, !plan.disableManifest(), time.unixNanos()));
    spool.update(part);
  }

  private static String kind(TrackDescription track) {
    return track.codec().kind().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void began(long unixNanos) {
    part = part.startedAt(unixNanos);
    try {
      spool.update(part);
    } catch (SpoolException failure) {
      // a gap after this part would be a little wrong, no more
      LOG.atWarn().setCause(failure).log("the spool could not note when a part began");
    }
  }

  @Override
  public Told finished(EgressInfo info, RecordingFile file, FileInfo result) {
    part = part.finished(result.getEndedAt(), result.getDuration(), result.getSize());
    try {
      spool.update(part);
    } catch (SpoolException failure) {
      // the recording itself is whole; the next start finds the part once more and finishes it
      // again
      LOG.atWarn().setCause(failure).log("the spool could not note that a part is finished");
    }
    return told(info);
  }

  @Override
  public Told withoutFile(EgressInfo info) {
    part = part.finished(part.file().startedAtNanos(), 0, 0);
    return told(info);
  }

  /** One file is what clients expect; what can't be one is listed. */
  private Told told(EgressInfo info) {
    List<Part> parts = new ArrayList<>(plan.earlier());
    parts.add(part);
    List<Part> joined = join.join(parts);
    List<FileInfo> known = info.getFileResultsList();
    List<FileInfo> files = joined.equals(parts) ? List.of() : PartResults.merged(known, joined);
    Optional<String> manifest =
        PartsManifest.write(
                joined.stream().filter(Part::hasMedia).toList(),
                PartResults.outputs(files.isEmpty() ? known : files),
                info.getStartedAt(),
                time.unixNanos())
            .map(Path::toString);
    return new Told(files, manifest);
  }

  @Override
  public Optional<FileInfo> salvage(RecordingFile file) {
    try {
      TrackWriter.Finished saved = Salvage.finish(file.path(), file.track().codec());
      return saved.frames() == 0
          ? Optional.empty()
          : Optional.of(file.info(saved.durationTicks(), saved.bytes()));
    } catch (IOException failure) {
      LOG.atError()
          .addKeyValue("file", file.path())
          .setCause(failure)
          .log("a recording could not be closed, it stays as it is");
      return Optional.empty();
    }
  }

  @Override
  public void unused(RecordingFile file) {
    try {
      java.nio.file.Files.deleteIfExists(file.path());
    } catch (IOException failure) {
      LOG.atWarn()
          .addKeyValue("file", file.path())
          .setCause(failure)
          .log("an empty recording could not be removed");
    }
  }

  @Override
  public void ended() {
    forget(plan.earlier());
    forget(List.of(part));
  }

  private void forget(List<Part> parts) {
    try {
      parts.forEach(spool::erase);
    } catch (SpoolException failure) {
      LOG.atWarn()
          .setCause(failure)
          .log("the spool could not forget an ended part, the next start does");
    }
  }
}
