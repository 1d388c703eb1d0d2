package io.spillway.node.recorder;

import io.spillway.core.egress.Outcome;
import io.spillway.core.egress.RecordedFiles;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;

/**
 * The EgressInfo of one egress as its node knows it. Thread-safe: the recorder writes, requests
 * read. {@code updated_at} grows with every change, also when the wall clock goes back, because it
 * is the sequence by which stores order updates.
 */
final class StatusBook {
  private final TimeSource time;
  private final EgressInfo.Builder info;
  private boolean passing;

  StatusBook(TimeSource time, EgressInfo first) {
    this.time = time;
    this.info = first.toBuilder();
  }

  synchronized EgressInfo snapshot() {
    return info.build();
  }

  /** The room's id, empty while unknown. */
  synchronized String roomId() {
    return info.getRoomId();
  }

  /** The room's id as the server told it on joining. */
  synchronized void room(String sid) {
    if (!sid.isEmpty()) {
      info.setRoomId(sid);
    }
  }

  synchronized EgressInfo status(EgressStatus status) {
    info.setStatus(status).setUpdatedAt(nextUpdate());
    return info.build();
  }

  /** Why the end comes, for {@code details}. */
  synchronized void details(String details) {
    passing = false;
    info.setDetails(details);
  }

  /** Something that happened on the way: in {@code details} until the end has its own. */
  synchronized EgressInfo note(String happened) {
    passing = true;
    info.setDetails(happened).setUpdatedAt(nextUpdate());
    return info.build();
  }

  /**
   * The file as it stands: the newest part goes in place of its earlier state, parts before it are
   * kept.
   */
  @SuppressWarnings("deprecation") // the single `file` is what older clients read
  synchronized void file(int part, FileInfo file) {
    while (info.getFileResultsCount() <= part) {
      info.addFileResults(FileInfo.getDefaultInstance());
    }
    info.setFileResults(part, file);
    RecordedFiles.longest(info.getFileResultsList()).ifPresent(info::setFile);
  }

  /** No file came of it. */
  @SuppressWarnings("deprecation") // as above
  synchronized void noFile(int part) {
    if (part > 0 && info.getFileResultsCount() == part + 1) {
      info.removeFileResults(part);
    } else if (part == 0) {
      info.setFileResults(0, FileInfo.getDefaultInstance());
      info.clearFile();
    }
  }

  /** What the egress's files are in the end; {@link RecordedFiles#conclude} names the longest. */
  synchronized void end(FilePlace.Told told) {
    told.manifest().ifPresent(info::setManifestLocation);
    if (!told.files().isEmpty()) {
      info.clearFileResults().addAllFileResults(told.files());
    }
  }

  synchronized EgressInfo outcome(Outcome outcome) {
    long now = nextUpdate();
    info.setStatus(
            switch (outcome.kind()) {
              case COMPLETE -> EgressStatus.EGRESS_COMPLETE;
              case FAILED -> EgressStatus.EGRESS_FAILED;
              case ABORTED -> EgressStatus.EGRESS_ABORTED;
              case LIMIT_REACHED -> EgressStatus.EGRESS_LIMIT_REACHED;
            })
        .setError(outcome.error())
        .setErrorCode(outcome.code())
        .setUpdatedAt(now)
        .setEndedAt(now);
    if (passing || info.getDetails().isEmpty()) {
      info.setDetails(outcome.reason().details());
    }
    RecordedFiles.conclude(info);
    return info.build();
  }

  private long nextUpdate() {
    return Math.max(info.getUpdatedAt() + 1, time.unixNanos());
  }
}
