package io.spillway.node.recorder;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.TrackDescription;
import java.util.List;
import java.util.Optional;

/**
 * Where a recording's file comes from, once the track is known. Belongs to the recorder's turns.
 */
interface FilePlace {
  /**
   * What the end says of the egress's files.
   *
   * @param files all of them, oldest first; empty: as the status says already
   * @param manifest its place, if there is one
   */
  record Told(List<FileInfo> files, Optional<String> manifest) {
    /** Copies the list. */
    public Told {
      files = List.copyOf(files);
    }
  }

  /**
   * Keeps in the spool that this part begins.
   *
   * @throws EgressFailedException when it can't be kept: nothing is recorded that a crash would
   *     lose
   */
  void begin();

  /**
   * The start is refused after all: the spool forgets this part, also when it is still being kept.
   * May wait for {@link #begin}. Never fails.
   */
  void forsake();

  /**
   * Opens the file.
   *
   * @throws EgressFailedException when it can't be: codec, path, rights, space
   */
  RecordingFile open(EgressInfo info, TrackDescription track);

  /**
   * Keeps in the spool when the file's first moment was, by this machine's clock: by it the gap to
   * the next part is known, if there has to be one. Never fails.
   */
  void began(long unixNanos);

  /** The track that was asked for. */
  String trackId();

  /** Which part of the egress this recorder writes, from 0. */
  int part();

  /**
   * The file is whole: makes one file of it and those of earlier parts where that is possible, and
   * writes what belongs beside it. Long work. Never fails.
   */
  Told finished(EgressInfo info, RecordingFile file, FileInfo result);

  /** This part ends without a file: the same for those of earlier parts. Long work. Never fails. */
  Told withoutFile(EgressInfo info);

  /** Saves what can be saved of a file whose writing failed; empty when nothing plays. */
  Optional<FileInfo> salvage(RecordingFile file);

  /** Nothing was recorded: removes the empty file. Never fails. */
  void unused(RecordingFile file);

  /** The end is reported: the spool may forget the part. Never fails. */
  void ended();
}
