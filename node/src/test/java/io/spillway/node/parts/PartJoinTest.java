package io.spillway.node.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.media.Codec;
import io.spillway.media.TrackWriter;
import io.spillway.media.TrackWriter.Finished;
import io.spillway.media.track.Salvage;
import io.spillway.media.track.TrackFiles;
import io.spillway.media.track.TrackJoin.Piece;
import io.spillway.storage.FreeDisk;
import io.spillway.storage.LocalOutputSettings;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.JoinNote;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real files and spool; a kill is an error out of any step, before, in the middle of or after it.
 */
final class PartJoinTest {
  private static final long SECOND = 1_000_000_000L;
  private static final byte[] OPUS_PACKET = {(byte) 0xfc, 1, 2, 3, 4, 5, 6, 7};
  private static final int MOST_STEPS = 30;

  @TempDir private Path folder;
  private Spool spool;
  private LocalOutputs outputs;
  private boolean inFolders;

  @BeforeEach
  void open() throws IOException {
    SecureRandom random = new SecureRandom();
    spool =
        Spool.open(
            folder.resolve("spool"),
            new Seal(SealKeys.ofFile(folder.resolve("key"), random), random));
    outputs = outputs(FreeDisk.ofSystem());
  }

  private LocalOutputs outputs(FreeDisk disk) {
    return new LocalOutputs(new LocalOutputSettings(folder, List.of(), false, 1 << 20), disk);
  }

  @AfterEach
  void close() {
    spool.close();
  }

  @Test
  void partsBecomeOneFileUnderTheFirstOnesNameWithTheGapInIt() throws IOException {
    leaveThreeParts();
    List<Part> joined = new PartJoin(spool, outputs, false).join(parts());

    assertThat(PartResults.files(joined)).hasSize(1);
    Part.File file = joined.getFirst().file();
    assertThat(file.recording()).isEqualTo(recording(1).toString());
    assertThat(file.durationNanos()).isEqualTo(14 * SECOND);
    assertThat(file.endedAtNanos()).isEqualTo(file.startedAtNanos() + 14 * SECOND);
    assertThat(recordings()).containsExactly(recording(1));
    assertThat(recording(1)).hasSize(file.bytes());
    Finished whole = Salvage.finish(recording(1), Codec.OPUS);
    assertThat(whole.durationTicks()).isEqualTo(14 * 48_000);
    assertThat(parts()).isEqualTo(joined);
    assertThat(spool.join("EG_1")).isEmpty();
  }

  @Test
  void aFolderThatOnlyAJoinedPartLayInGoesWithIt() throws IOException {
    inFolders = true;
    leaveThreeParts();
    Path notes = folder.resolve("takes/2/notes");
    Files.writeString(notes, "somebody's");
    List<Part> joined = new PartJoin(spool, outputs, false).join(parts());

    assertThat(recording(1)).hasSize(joined.getFirst().file().bytes());
    assertThat(folder.resolve("takes/1")).doesNotExist();
    assertThat(notes).exists();
    assertThat(spool.join("EG_1")).isEmpty();
  }

  @Test
  void aKillAtAnyMomentAndAnotherWhileThatIsMendedLoseNothingAndDoubleNothing() throws IOException {
    leaveThreeParts();
    Cut uncut = new Cut(MOST_STEPS * 3);
    PartJoin undisturbed = new PartJoin(spool, uncut);
    List<Part> expected = undisturbed.join(undisturbed.takeUp(parts()));
    byte[] whole = Files.readAllBytes(recording(1));
    assertThat(uncut.at).as("moments to be killed at").isBetween(18, MOST_STEPS * 3);
    for (int first = 0; first < uncut.at; first++) {
      for (int second = 0; second <= uncut.at; second += 5) {
        leaveThreeParts();
        run(first);
        everythingIsThere(whole);
        run(second);
        everythingIsThere(whole);
        PartJoin last = new PartJoin(spool, outputs, false);
        List<Part> now = last.join(last.takeUp(parts()));

        assertThat(now).as("killed at %d and %d", first, second).isEqualTo(expected);
        assertThat(recordings()).containsExactly(recording(1));
        assertThat(Files.readAllBytes(recording(1))).isEqualTo(whole);
        assertThat(spool.join("EG_1")).isEmpty();
      }
    }
  }

  /** A process that takes up what is left, joins and is killed at that moment. */
  private void run(int killedAt) {
    PartJoin join = new PartJoin(spool, new Cut(killedAt));
    try {
      var _ = join.join(join.takeUp(parts()));
    } catch (Killed asPlanned) {
      // what follows looks at the disk
    }
  }

  /** Each part is in its own file, or all are in the first. */
  private void everythingIsThere(byte[] whole) throws IOException {
    boolean joined = Arrays.equals(Files.readAllBytes(recording(1)), whole);
    for (int epoch = 1; epoch <= 3; epoch++) {
      assertThat(joined || Files.size(recording(epoch)) > 0).isTrue();
    }
  }

  @Test
  void partsOfAnotherCodecOrTooFarApartOrOutOfReachStayAsTheyAre() throws IOException {
    leaveThreeParts();
    List<Part> parts = parts();
    staysApart(List.of(parts.get(0), withCodec(parts.get(1), "video/vp8")));
    staysApart(
        List.of(
            parts.get(0),
            parts.get(1).startedAt(parts.get(0).file().startedAtNanos() + 25_000 * SECOND)));
    Files.delete(recording(3));
    staysApart(parts);
    assertThat(recordings()).containsExactly(recording(1), recording(2));
  }

  @Test
  void aPartThatIsNotWhatItSeemsIsLeftToPeople() throws IOException {
    leaveThreeParts();
    List<Part> parts = parts();
    Files.writeString(recording(2), "no recording at all");
    staysApart(parts);
    assertThat(recording(2)).hasContent("no recording at all");
    assertThat(recordings()).hasSize(3);
  }

  @Test
  void aDiskWithoutRoomForTheCopyLeavesTheParts() throws IOException {
    leaveThreeParts();
    List<Part> parts = parts();
    PartJoin join = new PartJoin(spool, outputs(_ -> (1 << 20) + 100), false);

    assertThat(join.join(parts)).isEqualTo(parts);
    assertThat(recordings()).hasSize(3);
  }

  @Test
  void aTemporaryFileThatSomebodyTookAwayCostsNoPart() throws IOException {
    leaveThreeParts();
    List<Part> parts = parts();
    assertThatThrownBy(() -> new PartJoin(spool, new Cut(6)).join(parts))
        .as("copied and noted, not yet replaced")
        .isInstanceOf(Killed.class);
    assertThat(spool.join("EG_1")).isPresent();
    Files.delete(Path.of(spool.join("EG_1").orElseThrow().scratch()));

    assertThat(new PartJoin(spool, outputs, false).takeUp(parts)).isEqualTo(parts);
    assertThat(recordings()).hasSize(3);
    assertThat(spool.join("EG_1")).isEmpty();
  }

  private void staysApart(List<Part> parts) {
    assertThat(new PartJoin(spool, outputs, false).join(parts)).isEqualTo(parts);
  }

  private static Part withCodec(Part part, String codec) {
    Part.Track track = part.track();
    return new Part(
        part.egressId(),
        part.epoch(),
        part.state(),
        part.room(),
        new Part.Track(track.id(), track.kind(), track.source(), codec, track.publisherIdentity()),
        part.file());
  }

  /** Three seconds each, begun five and eleven seconds after the first. */
  private void leaveThreeParts() throws IOException {
    parts().forEach(spool::erase);
    try (Stream<Path> left = recordings().stream()) {
      for (Path file : left.toList()) {
        Files.delete(file);
      }
    }
    for (int epoch = 1; epoch <= 3; epoch++) {
      long at = 1_000 * SECOND + List.of(0, 5, 11).get(epoch - 1) * SECOND;
      Part begun =
          Part.begun(
              "EG_1",
              epoch,
              new Part.Room("RM_1", "room", "ws://sfu"),
              new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
              Part.File.begun(recording(epoch).toString(), "a.ogg", true, at));
      spool.create(begun, new byte[0]);
      Files.createDirectories(folder(recording(epoch)));
      Finished finished = record(recording(epoch));
      spool.update(begun.finished(at + 3 * SECOND, 3 * SECOND, finished.bytes()));
    }
  }

  private static Finished record(Path file) throws IOException {
    try (TrackWriter writer =
        TrackFiles.create(Codec.OPUS, file, TrackFiles.Options.of(Codec.OPUS, "a.ogg"))) {
      for (int i = 0; i < 150; i++) {
        writer.frame(i * 960L, true, OPUS_PACKET, 0, OPUS_PACKET.length);
      }
      return writer.finish();
    }
  }

  private static Path folder(Path file) {
    return Optional.ofNullable(file.getParent()).orElseThrow();
  }

  private Path recording(int epoch) {
    if (inFolders) { // as {retry} in a folder's name is filled in
      return folder.resolve("takes/" + (epoch == 1 ? "{retry}" : epoch - 1) + "/a.ogg");
    }
    return folder.resolve(epoch == 1 ? "a.ogg" : "a-" + (epoch - 1) + ".ogg");
  }

  private List<Part> parts() {
    return spool.list().stream().sorted(Comparator.comparingInt(Part::epoch)).toList();
  }

  /** All files that are somebody's recording, or pretend to be: temporary ones too. */
  private List<Path> recordings() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().contains(".ogg"))
          .sorted(Comparator.comparing(file -> file.toString().length() + file.toString()))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The process is gone: nothing catches it. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The real steps; each has three moments to be killed at: before, in its midst, after. */
  private final class Cut implements JoinSteps {
    private final JoinSteps real = new DiskSteps(spool, outputs, false);
    private final int killAt;
    private int at;

    Cut(int killAt) {
      this.killAt = killAt;
    }

    private boolean moment() {
      return at++ == killAt;
    }

    private void passes() {
      if (moment()) {
        throw new Killed();
      }
    }

    @Override
    public Optional<Finished> copy(List<Piece> pieces, Path scratch, Codec codec)
        throws IOException {
      passes();
      if (moment()) {
        Files.write(scratch, Arrays.copyOf(Files.readAllBytes(pieces.getFirst().path()), 999));
        throw new Killed();
      }
      Optional<Finished> joined = real.copy(pieces, scratch, codec);
      passes();
      return joined;
    }

    @Override
    public void note(JoinNote join) {
      passes();
      if (moment()) { // an atomic file's temporary name
        try {
          Files.write(folder.resolve("spool/EG_1/.join.json.tmp"), new byte[] {'{'});
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
        throw new Killed();
      }
      real.note(join);
      passes();
    }

    @Override
    public void replace(Path scratch, Path first) throws IOException {
      passes();
      real.replace(scratch, first);
      passes();
    }

    @Override
    public void remove(Path file) throws IOException {
      passes();
      real.remove(file);
      passes();
    }

    @Override
    public void removeFolders(Part gone, Part first) {
      passes();
      real.removeFolders(gone, first);
      passes();
    }

    @Override
    public void update(Part part) {
      passes();
      real.update(part);
      passes();
    }

    @Override
    public void forget(JoinNote join) {
      passes();
      real.forget(join);
      passes();
    }
  }
}
