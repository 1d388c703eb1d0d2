package io.spillway.node.parts;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.track.TrackJoin.Piece;
import io.spillway.storage.spool.JoinNote;
import io.spillway.storage.spool.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a join does to disk and spool, one durable step each, so that a test can stop the world
 * between any two.
 */
interface JoinSteps {
  /**
   * Writes the joined file under a temporary name, durable on return; empty where the pieces can't
   * be one file.
   *
   * @throws io.spillway.storage.OutputRefusedException when the disk has no room for it
   */
  Optional<Finished> copy(List<Piece> pieces, Path scratch, Codec codec) throws IOException;

  /** Keeps what is about to be done. */
  void note(JoinNote join);

  /** Gives the joined file the first part's name, over that part's file. */
  void replace(Path scratch, Path first) throws IOException;

  /** Removes a part's file, if it is there. */
  void remove(Path file) throws IOException;

  /** Removes the folders that were made for a removed part's file alone. */
  void removeFolders(Part gone, Part first);

  /** Keeps what a part has become. */
  void update(Part part);

  /** The join is done. */
  void forget(JoinNote join);
}
