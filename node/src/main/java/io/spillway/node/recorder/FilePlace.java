package io.spillway.node.recorder;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.TrackDescription;
import java.util.Optional;

/**
 * Where a recording's file comes from, once the track is known. Belongs to the recorder's turns.
 */
interface FilePlace {
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

  /** The track that was asked for. */
  String trackId();

  /** Which part of the egress this recorder writes, from 0. */
  int part();

  /**
   * The file is whole: writes what belongs beside it; the manifest's place if there is one. Never
   * fails.
   */
  Optional<String> finished(EgressInfo info, RecordingFile file, FileInfo result);

  /**
   * This part ends without a file: writes what belongs beside those of earlier parts; the
   * manifest's place if there is one. Never fails.
   */
  Optional<String> withoutFile(EgressInfo info);

  /** Saves what can be saved of a file whose writing failed; empty when nothing plays. */
  Optional<FileInfo> salvage(RecordingFile file);

  /** Nothing was recorded: removes the empty file. Never fails. */
  void unused(RecordingFile file);

  /** The end is reported: the spool may forget the part. Never fails. */
  void ended();
}
