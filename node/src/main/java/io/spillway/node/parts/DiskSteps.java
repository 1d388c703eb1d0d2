package io.spillway.node.parts;

import io.spillway.core.media.Codec;
import io.spillway.media.MediaFile;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.mp4.Mp4FastStart;
import io.spillway.media.track.TrackJoin;
import io.spillway.media.track.TrackJoin.Piece;
import io.spillway.storage.AtomicFile;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.spool.JoinNote;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** The steps on a real disk. */
record DiskSteps(Spool spool, LocalOutputs outputs, boolean mp4FastStart) implements JoinSteps {
  @Override
  public Optional<Finished> copy(List<Piece> pieces, Path scratch, Codec codec) throws IOException {
    long bytes = 0;
    for (Piece piece : pieces) {
      bytes += Files.size(piece.path());
    }
    outputs.requireSpace(folder(scratch), bytes);
    Optional<Finished> joined = TrackJoin.join(pieces, scratch, codec, mp4FastStart);
    if (joined.isPresent()) {
      try (MediaFile whole = MediaFile.open(scratch)) {
        whole.sync();
      }
    }
    return joined;
  }

  @Override
  public void note(JoinNote join) {
    spool.note(join);
  }

  @Override
  public void replace(Path scratch, Path first) throws IOException {
    Files.move(scratch, first, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    AtomicFile.syncFolder(folder(first));
  }

  @Override
  public void remove(Path file) throws IOException {
    Files.deleteIfExists(Mp4FastStart.scratch(file));
    if (Files.deleteIfExists(file)) {
      AtomicFile.syncFolder(folder(file));
    }
  }

  @Override
  public void removeFolders(Part gone, Part first) {
    outputs.removeFolders(
        Path.of(gone.file().recording()), Path.of(first.file().recording()), gone.epoch() - 1);
  }

  @Override
  public void update(Part part) {
    spool.update(part);
  }

  @Override
  public void forget(JoinNote join) {
    spool.forget(join);
  }

  private static Path folder(Path file) throws IOException {
    Path folder = file.getParent();
    if (folder == null) {
      throw new IOException(file + " is no file in a folder");
    }
    return folder;
  }
}
