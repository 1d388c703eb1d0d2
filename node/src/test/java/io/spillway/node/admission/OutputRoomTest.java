package io.spillway.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.storage.LocalOutputSettings;
import io.spillway.storage.LocalOutputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks are folders of the test's; what looks at them runs when the test says so. */
final class OutputRoomTest {
  private static final long WANTED = 500_000_000;

  @TempDir private Path temporary;
  private final Set<Path> full = new HashSet<>();
  private final Queue<Runnable> looks = new ArrayDeque<>();
  private int looked;

  @Test
  void aFullDiskIsKnownBeforeAnybodyAsksAndAskingTouchesNone() throws IOException {
    Path out = Files.createDirectory(temporary.resolve("out"));
    full.add(temporary);
    OutputRoom room = room(List.of());
    sample(room);
    int before = looked;

    assertThat(room.refusal(out + "/{room_name}/{track_id}"))
        .hasValueSatisfying(why ->
            assertThat(why).startsWith("no space left on ").endsWith("min_free_disk is 476 MiB"));
    assertThat(looked).isEqualTo(before);

    full.clear();
    sample(room);
    assertThat(room.refusal(out + "/{room_name}/{track_id}")).isEmpty();
  }

  @Test
  void aDiskThatARequestNamedIsLookedAtFromThenOn() throws IOException {
    Path out = Files.createDirectory(temporary.resolve("out"));
    full.add(out);
    OutputRoom room = room(List.of());
    sample(room);
    assertThat(room.refusal(out + "/a.ogg")).isEmpty(); // as the disk above, which has room
    assertThat(room.refusal()).isEmpty();

    sample(room);

    assertThat(room.refusal(out + "/b.ogg")).isPresent();
    assertThat(room.refusal(out + "/room 2/b.ogg")).as("a folder yet to be made").isPresent();
    assertThat(room.refusal(temporary + "/b.ogg")).isEmpty();
    assertThat(room.refusal()).as("of the node: it was asked for another disk too").isPresent();
    sample(room);
    assertThat(room.refusal()).isEmpty();
  }

  @Test
  void aNodeWithRootsIsFullWhenAllOfThemAre() throws IOException {
    Path one = Files.createDirectory(temporary.resolve("one"));
    Path two = Files.createDirectory(temporary.resolve("two"));
    full.add(one);
    OutputRoom room = room(List.of(one, two));
    sample(room);
    assertThat(room.refusal(one + "/a.ogg")).isPresent();
    assertThat(room.refusal(two + "/a.ogg")).isEmpty();
    assertThat(room.refusal()).isEmpty();

    full.add(two);
    sample(room);
    assertThat(room.refusal()).isPresent();
  }

  /** A hung disk holds one thread, however often the node wants to look. */
  @Test
  void lookingIsDoneOnceAtATime() {
    OutputRoom room = room(List.of());
    for (int i = 0; i < 10; i++) {
      room.sample();
    }
    assertThat(looks).hasSize(1);
    looks.remove().run();
    room.sample();
    assertThat(looks).hasSize(1);
  }

  @Test
  void onlySoManyFoldersAreLookedAt() {
    OutputRoom room = room(List.of());
    for (int i = 0; i < 1000; i++) {
      assertThat(room.refusal(temporary + "/" + i + "/a.ogg")).isEmpty();
    }
    sample(room);
    assertThat(looked).isLessThanOrEqualTo(3 * OutputRoom.MOST_ASKED + 3);
  }

  private OutputRoom room(List<Path> roots) {
    LocalOutputs outputs =
        new LocalOutputs(new LocalOutputSettings(temporary, roots, false, WANTED), this::free);
    return new OutputRoom(outputs, "", roots, temporary.resolve("data"), looks::add);
  }

  private long free(Path folder) {
    looked++;
    boolean isFull = full.stream().anyMatch(folder::startsWith);
    return isFull ? WANTED - 1 : WANTED;
  }

  private void sample(OutputRoom room) {
    room.sample();
    looks.remove().run();
  }
}
