package io.spillway.node.recorder;

import io.spillway.core.egress.Failure;
import io.spillway.protocol.livekit.FileInfo;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a part's file and keeps in the status what came of it. Long work: fsync, rewriting. */
record FileEnd(FilePlace files, StatusBook book, FrameQueue queue) {
  private static final Logger LOG = LoggerFactory.getLogger(FileEnd.class);

  /**
   * Writes what waits and closes the file at that moment.
   *
   * @return why the egress fails by it, if it does; what plays is kept all the same
   */
  Optional<Failure> close(RecordingFile open, long endNanos) {
    try {
      open.write(queue);
      Optional<FileInfo> whole = open.finish(endNanos);
      whole.ifPresent(info -> keep(open, info));
      return whole.isPresent() ? Optional.empty() : Optional.of(giveBack(open));
    } catch (EgressFailedException failure) {
      save(open);
      return Optional.of(failure.failure());
    } finally {
      if (queue.dropped() > 0) {
        LOG.atWarn()
            .addKeyValue("frames", queue.dropped())
            .log("the disk was slower than the track: frames are missing");
      }
    }
  }

  private void keep(RecordingFile open, FileInfo info) {
    book.file(files.part(), info);
    book.end(files.finished(book.snapshot(), open, info));
  }

  private Failure giveBack(RecordingFile open) {
    files.unused(open);
    none();
    return Failure.nothingRecorded(open.track().sid());
  }

  /** Gives the writer up and keeps what plays of its file. */
  void save(RecordingFile open) {
    open.abandon();
    files.salvage(open).ifPresentOrElse(info -> keep(open, info), this::tellEarlier);
  }

  /** This part has no file; those before it may have. */
  void none() {
    book.noFile(files.part());
    tellEarlier();
  }

  private void tellEarlier() {
    book.end(files.withoutFile(book.snapshot()));
  }
}
