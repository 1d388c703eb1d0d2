package io.spillway.storage.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.time.SystemTime;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final byte[] REQUEST = "{secret: s3cr3t}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private final Set<Path> unlistable = new HashSet<>();

  @SuppressWarnings("NullAway.Init") // opened before each test
  private Spool spool;

  @BeforeEach
  void open() throws IOException {
    SecureRandom random = new SecureRandom();
    spool =
        Spool.open(
            folder.resolve("spool"),
            new Seal(SealKeys.ofFile(folder.resolve("keys/secrets.key"), random), random),
            this::list);
  }

  /** As the disk does it, but for folders that it fails on. */
  private List<Path> list(Path folder) throws IOException {
    if (unlistable.contains(folder)) {
      throw new FileSystemException(folder.toString(), null, "Input/output error");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }

  @AfterEach
  void close() {
    spool.close();
  }

  private Spool reopened() throws IOException {
    spool.close();
    open();
    return spool;
  }

  private static Part part(String egressId, int epoch) {
    return Part.begun(
        egressId,
        epoch,
        new Part.Room("RM_1", "daily", "ws://server"),
        new Part.Track("TR_1", "audio", "microphone", "audio/opus", "ann"),
        Part.File.begun("/data/a.ogg", "a.ogg", true, 17));
  }

  @Test
  void aPartAndItsRequestAreFoundAgainAfterACrash() throws IOException {
    spool.create(part("EG_1", 1), REQUEST);
    Part finished = part("EG_1", 1).finished(42, 25, 1000);
    spool.create(part("EG_1", 2), REQUEST);
    spool.update(finished);
    assertThat(reopened().list()).containsExactlyInAnyOrder(finished, part("EG_1", 2));
    assertThat(spool.request(finished)).contains(REQUEST);
  }

  @Test
  void anEpochIsBegunOnce() {
    spool.create(part("EG_1", 1), REQUEST);
    assertThatThrownBy(() -> spool.create(part("EG_1", 1), REQUEST))
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("EG_1")
        .hasMessageContaining("epoch 1");
  }

  @Test
  void anErasedPartLeavesNothingBehind() throws IOException {
    spool.create(part("EG_1", 1), REQUEST);
    spool.create(part("EG_1", 2), REQUEST);
    Files.writeString(spool.folder(part("EG_1", 1)).resolve("media.ogg"), "frames");
    spool.erase(part("EG_1", 1).reported());
    assertThat(spool.list()).containsExactly(part("EG_1", 2));
    spool.erase(part("EG_1", 2));
    spool.erase(part("EG_1", 2)); // again does nothing
    assertThat(folder.resolve("spool").toFile().list()).containsExactly("spool.lock");
  }

  @Test
  void aRequestIsUnreadableOnDiskAndGoesWhenErased() throws IOException {
    Part part = part("EG_1", 1);
    spool.create(part, REQUEST);
    Path sealed = spool.folder(part).resolve("request.sealed");
    assertThat(new String(Files.readAllBytes(sealed), StandardCharsets.ISO_8859_1))
        .doesNotContain("s3cr3t");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sealed)))
        .isEqualTo("rw-------");
    spool.eraseRequest(part);
    assertThat(spool.request(part)).isEmpty();
    assertThat(reopened().list()).containsExactly(part);
  }

  @Test
  void whatCannotBeReadIsLeftAloneAndHidesNothing() throws IOException {
    spool.create(part("EG_1", 1), REQUEST);
    Path damaged = Files.createDirectories(folder.resolve("spool/EG_2/1"));
    Files.writeString(damaged.resolve("part.json"), "{\"version\":1,\"egress");
    Path newer = Files.createDirectories(folder.resolve("spool/EG_3/1"));
    Files.writeString(newer.resolve("part.json"), "{\"version\":9}");
    Files.writeString(
        Files.createDirectories(folder.resolve("spool/EG_4/1")).resolve("request.sealed"), "");
    Files.writeString(folder.resolve("spool/stray"), "");
    assertThat(reopened().list()).containsExactly(part("EG_1", 1));
    assertThat(damaged.resolve("part.json")).exists();
    assertThat(folder.resolve("spool/EG_4")).doesNotExist(); // never was a part: no recording lost
  }

  @Test
  void aFolderThatTheDiskDoesNotListHidesNoOtherAndIsFoundWhenItDoes() throws IOException {
    spool.create(part("EG_1", 1), REQUEST);
    spool.create(part("EG_2", 1), REQUEST);
    unlistable.add(folder.toRealPath().resolve("spool/EG_1"));

    assertThat(reopened().list()).containsExactly(part("EG_2", 1));
    assertThat(spool.unlisted()).containsExactly(folder.toRealPath().resolve("spool/EG_1"));
    assertThat(spool.list("EG_2")).hasSize(1);
    assertThatThrownBy(() -> spool.list("EG_1"))
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("spool/EG_1: Input/output error");

    unlistable.clear();
    assertThat(spool.list()).hasSize(2);
    assertThat(spool.unlisted()).isEmpty();
  }

  @Test
  void aSpoolThatTheDiskDoesNotListAtAllOpensAndTakesParts() throws IOException {
    spool.create(part("EG_1", 1), REQUEST);
    unlistable.add(folder.toRealPath().resolve("spool"));

    assertThat(reopened().list()).isEmpty();
    assertThat(spool.unlisted()).hasSize(1);
    spool.create(part("EG_2", 1), REQUEST);

    unlistable.clear();
    assertThat(spool.list())
        .hasSize(2)
        .filteredOn(spool::isBegunHere)
        .containsExactly(part("EG_2", 1));
  }

  @Test
  void aPartOfALaterVersionsMakingIsReadWithoutItsNewFields() throws IOException {
    spool.create(part("EG_1", 1), REQUEST);
    Path file = spool.folder(part("EG_1", 1)).resolve("part.json");
    String json = Files.readString(file);
    Files.writeString(file, json.replace("\"epoch\"", "\"colour\" : {\"r\":1}, \"epoch\""));
    assertThat(spool.list()).containsExactly(part("EG_1", 1));
    Files.writeString(
        file, "{\"version\":1,\"egress_id\":\"EG_1\",\"epoch\":1,\"state\":\"FINISHED\"}");
    assertThat(spool.list().getFirst().track().codec()).isEmpty();
  }

  @Test
  void anotherOwnerIsRefused() {
    assertThatThrownBy(this::open)
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("another node owns the spool");
  }

  @Test
  void anIdCannotLeaveTheSpool() {
    for (String id : List.of("../x", "", "a/b", "EG_\0", "x".repeat(129))) {
      assertThatThrownBy(() -> part(id, 1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void twoHundredPartsAreListedWithinAFifthOfASecond() throws IOException {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      parts.add(part("EG_" + i, 1));
      Path ofPart = Files.createDirectories(spool.folder(parts.getLast()));
      Files.write(ofPart.resolve("part.json"), PartJson.write(parts.getLast()));
    }
    assertThat(spool.list()).containsExactlyInAnyOrderElementsOf(parts); // classes are loaded
    long best = Long.MAX_VALUE; // of several: the machine may be busy with other tests
    try (SystemTime time = new SystemTime()) {
      for (int tries = 0; tries < 20; tries++) {
        long before = time.nanos();
        assertThat(spool.list()).hasSize(200);
        best = Math.min(best, time.nanos() - before);
      }
    }
    assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(200));
  }
}
