package io.spillway.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.storage.OutputRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalOutputsTest {
  private static final long PLENTY = 1L << 40;

  @TempDir Path temporary;
  private Path root = Path.of("");
  private Path outside = Path.of("");

  @BeforeEach
  void makeFolders() throws IOException {
    root = Files.createDirectory(temporary.resolve("root"));
    outside = Files.createDirectory(temporary.resolve("outside"));
  }

  private LocalOutputs outputs(Path... roots) {
    return new LocalOutputs(
        new LocalOutputSettings(root, List.of(roots), false, 0), folder -> PLENTY);
  }

  private static void assertRefused(LocalOutputs outputs, String path, Reason reason) {
    assertThatThrownBy(() -> outputs.claim(path))
        .isInstanceOfSatisfying(
            OutputRefusedException.class,
            refused -> {
              assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(reason);
              assertThat(refused).hasMessageContaining(refused.field());
            });
  }

  @Test
  void aClaimMakesFoldersAndAnEmptyFile() throws IOException {
    Path claimed = outputs().claim("a/b/c.ogg");
    assertThat(claimed).isEqualTo(root.resolve("a/b/c.ogg")).isEmptyFile();
    assertThat(outputs().claim(outside.resolve("x.ogg").toString())).exists();
    outputs(root).release(claimed);
    assertThat(claimed).doesNotExist();
  }

  @Test
  void aFolderThatAnotherRecordingRemovesMeanwhileIsMadeAgain() {
    AtomicInteger looks = new AtomicInteger();
    FreeDisk disk =
        folder -> {
          if (looks.getAndIncrement() == 0) {
            Files.delete(folder);
          }
          return PLENTY;
        };
    LocalOutputs outputs =
        new LocalOutputs(new LocalOutputSettings(root, List.of(), false, 0), disk);
    assertThat(outputs.claim("takes/1/a.ogg")).isEmptyFile();
    assertThat(looks).hasValue(2);
  }

  @Test
  void foldersOfARetryGoWithItsFileAndNoOthers() throws IOException {
    LocalOutputs outputs = outputs();
    Path first = outputs.claim("takes/{retry}/sub/a.ogg");
    removedAfterJoin(outputs, "takes/1/sub/a.ogg", first, 1);
    assertThat(root.resolve("takes/1")).doesNotExist();

    Path notes = Files.createDirectories(root.resolve("takes/2")).resolve("notes");
    Files.writeString(notes, "somebody's");
    removedAfterJoin(outputs, "takes/2/sub/a.ogg", first, 2);
    assertThat(root.resolve("takes/2/sub")).doesNotExist();
    assertThat(notes).exists();

    removedAfterJoin(outputs, "other/sub/a.ogg", first, 3);
    assertThat(root.resolve("other/sub")).as("of another prefix, not of a retry").exists();
    removedAfterJoin(outputs, "takes/{retry}/sub/a-4.ogg", first, 4);
    assertThat(first).exists();
  }

  private void removedAfterJoin(LocalOutputs outputs, String path, Path first, int retry)
      throws IOException {
    Path gone = outputs.claim(path);
    Files.delete(gone);
    outputs.removeFolders(gone, first, retry);
    outputs.removeFolders(gone, first, retry); // after a crash once more
  }

  @Test
  void aRecordingThatIsThereIsNeverTouched() throws IOException {
    Files.writeString(root.resolve("a.ogg"), "somebody's");
    assertThat(outputs().claim("a.ogg")).isEqualTo(root.resolve("a-1.ogg"));
    assertThat(outputs().claim("a.ogg")).isEqualTo(root.resolve("a-2.ogg"));
    assertThat(root.resolve("a.ogg")).hasContent("somebody's");
    outputs().release(root.resolve("a.ogg"));
    assertThat(root.resolve("a.ogg")).exists();
  }

  @Test
  void manyClaimsOfOnePathGetAFileEach() throws Exception {
    LocalOutputs outputs = outputs();
    List<Callable<Path>> claims =
        IntStream.range(0, 50)
            .mapToObj(i -> (Callable<Path>) () -> outputs.claim("a.ogg"))
            .toList();
    Set<Path> files = new HashSet<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Path> claim : callers.invokeAll(claims)) {
        files.add(claim.get());
      }
    }
    assertThat(files).hasSize(50);
  }

  @Test
  void nothingIsMadeOutsideOfTheRoots() throws IOException {
    LocalOutputs outputs = outputs(root);
    assertThat(outputs.claim("in/a.ogg")).exists();
    assertRefused(outputs, outside.resolve("new/a.ogg").toString(), Reason.OUTSIDE_ROOTS);
    assertRefused(outputs, "../outside/new/a.ogg", Reason.OUTSIDE_ROOTS);
    assertRefused(outputs, root + "-twin/a.ogg", Reason.OUTSIDE_ROOTS);
    Files.createSymbolicLink(root.resolve("link"), outside);
    assertRefused(outputs, "link/new/a.ogg", Reason.OUTSIDE_ROOTS);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aLinkIsNeverWrittenThrough() throws IOException {
    Files.createSymbolicLink(root.resolve("a.ogg"), outside.resolve("victim"));
    LocalOutputs free = outputs();
    assertRefused(free, "a.ogg", Reason.NOT_WRITABLE); // it leads nowhere
    Files.writeString(outside.resolve("victim"), "kept");
    assertThat(free.claim("a.ogg")).isEqualTo(root.resolve("a-1.ogg"));
    assertThat(outside.resolve("victim")).hasContent("kept");
  }

  @Test
  void rootsMayThemselvesBeLinksOrNotExistYet() throws IOException {
    Path link = Files.createSymbolicLink(temporary.resolve("link"), root);
    assertThat(outputs(link).claim("a.ogg")).exists();
    assertThat(outputs(link).claim(link.resolve("b.ogg").toString())).exists();
    Path later = root.resolve("later");
    assertThat(outputs(later).claim("later/c.ogg")).exists();
  }

  @Test
  void whatCannotBeWrittenNamesTheFieldAndTheObstacle() throws IOException {
    Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> outputs().claim("file/a.ogg"))
        .isInstanceOf(OutputRefusedException.class)
        .hasMessageContaining("filepath 'file/a.ogg'")
        .hasMessageContaining("is a file, not a folder");
    assertRefused(outputs(), "/proc/spillway/a.ogg", Reason.NOT_WRITABLE);
    assertRefused(outputs(), "a\0.ogg", Reason.INVALID_PATH);
    assertRefused(outputs(), "/", Reason.INVALID_PATH);
  }

  @Test
  void localFilesMayBeDisallowedAltogether() {
    LocalOutputs outputs =
        new LocalOutputs(new LocalOutputSettings(root, List.of(), true, 0), folder -> PLENTY);
    assertRefused(outputs, "a.ogg", Reason.LOCAL_DISALLOWED);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void aDiskWithTooLittleLeftIsRefusedBeforeAnyFile() {
    LocalOutputs outputs =
        new LocalOutputs(
            new LocalOutputSettings(root, List.of(), false, 100L << 20), folder -> 99L << 20);
    assertThatThrownBy(() -> outputs.claim("a.ogg"))
        .isInstanceOf(OutputRefusedException.class)
        .hasMessageContaining("no space left on " + root)
        .hasMessageContaining("99 MiB");
    assertThat(root).isEmptyDirectory();
    assertThatThrownBy(() -> outputs.requireSpace(root.resolve("not/there/yet"), 0))
        .isInstanceOf(OutputRefusedException.class);
  }

  @Test
  void theSystemTellsItsFreeSpace() throws IOException {
    assertThat(FreeDisk.ofSystem().usableBytes(root)).isPositive();
    assertThatThrownBy(() -> FreeDisk.ofSystem().usableBytes(Path.of("/proc")))
        .isInstanceOf(IOException.class)
        .hasMessage("/proc takes no files: proc");
  }
}
