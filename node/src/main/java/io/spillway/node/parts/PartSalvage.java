package io.spillway.node.parts;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter;
import io.spillway.media.track.Salvage;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import io.spillway.storage.spool.SpoolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finishes parts whose writer died. */
public final class PartSalvage {
  private static final Logger LOG = LoggerFactory.getLogger(PartSalvage.class);

  private final Spool spool;
  private final boolean mp4FastStart;

  /**
   * Finishes what {@code spool} holds.
   *
   * @param mp4FastStart an MP4's index goes in front
   */
  public PartSalvage(Spool spool, boolean mp4FastStart) {
    this.spool = spool;
    this.mp4FastStart = mp4FastStart;
  }

  /**
   * Makes a part's file whole, and notes it; a part that is finished stays as it is. Long work.
   * Never fails: a file that can't be made whole stays as it is.
   */
  public Part finish(Part part) {
    if (part.state() != Part.State.RECORDING || part.file().recording().isEmpty()) {
      return part;
    }
    Path file = Path.of(part.file().recording());
    Codec codec = Codec.ofMimeType(part.track().codec()).orElse(Codec.OPUS);
    try {
      if (!Files.exists(file)) {
        return noted(part.finished(part.file().startedAtNanos(), 0, 0));
      }
      TrackWriter.Finished saved =
          mp4FastStart ? Salvage.finishForFastStart(file, codec) : Salvage.finish(file, codec);
      if (saved.durationTicks() == 0) {
        Files.deleteIfExists(file);
      }
      long duration = Math.round(saved.durationTicks() * 1e9 / codec.clockRate());
      return noted(part.finished(part.file().startedAtNanos() + duration, duration, saved.bytes()));
    } catch (IOException failure) {
      LOG.atError()
          .addKeyValue("egress", part.egressId())
          .addKeyValue("file", file)
          .setCause(failure)
          .log("a recording of an earlier process could not be finished, it stays as it is");
      return asItIs(part, file);
    }
  }

  /** A file that nobody could finish is still somebody's recording: it is told with its size. */
  private static Part asItIs(Part part, Path file) {
    try {
      return part.finished(part.file().startedAtNanos(), 1, Files.size(file));
    } catch (IOException gone) {
      return part;
    }
  }

  private Part noted(Part part) {
    try {
      spool.update(part);
    } catch (SpoolException full) {
      LOG.atWarn()
          .addKeyValue("egress", part.egressId())
          .setCause(full)
          .log("a finished part could not be noted, the next start finishes it again");
    }
    return part;
  }
}
