package io.spillway.storage.spool;

import io.spillway.storage.FileNames;
import io.spillway.storage.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The manifest of a recorded track, from what the spool knows of its parts. */
public final class PartsManifest {
  private static final Logger LOG = LoggerFactory.getLogger(PartsManifest.class);

  private PartsManifest() {}

  /**
   * Writes {@code {egress_id}.json} beside the newest part's file, over an older one. Never fails:
   * the recording is worth more than the list of it.
   *
   * @param recorded the parts of this spool that have a file, oldest first
   * @param outputs the files of the egress, parts of other machines included
   * @param startedAtNanos when the egress began; 0: unknown, the first part's beginning is told
   * @param endedAtNanos when it ended
   * @return where it is; empty when there is no file, no wish for a manifest, or it failed
   */
  public static Optional<Path> write(
      List<Part> recorded, List<Manifest.Output> outputs, long startedAtNanos, long endedAtNanos) {
    if (recorded.isEmpty() || !recorded.getLast().file().manifest()) {
      return Optional.empty();
    }
    Part newest = recorded.getLast();
    long began = startedAtNanos > 0 ? startedAtNanos : recorded.getFirst().file().startedAtNanos();
    Path place = Path.of(FileNames.manifestBeside(newest.file().recording(), newest.egressId()));
    try {
      manifest(newest, outputs, began, endedAtNanos).write(place);
      return Optional.of(place);
    } catch (IOException failure) {
      LOG.atWarn()
          .addKeyValue("egress", newest.egressId())
          .addKeyValue("file", place)
          .setCause(failure)
          .log("the manifest could not be written, the recording is kept");
      return Optional.empty();
    }
  }

  private static Manifest manifest(
      Part newest, List<Manifest.Output> outputs, long startedAtNanos, long endedAtNanos) {
    Part.Track track = newest.track();
    return Manifest.ofTrack(
        newest.egressId(),
        newest.room().id(),
        newest.room().name(),
        new Manifest.Track(
            track.id(),
            track.kind(),
            track.source(),
            track.publisherIdentity(),
            startedAtNanos,
            endedAtNanos),
        outputs);
  }
}
