package io.spillway.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.app.command.OutcomeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class ScratchTest {
  @Test
  void aMeasurementThatWentWellLeavesNothingBehind() throws Exception {
    Path folder =
        Scratch.with(place -> {
          Files.writeString(Files.createDirectories(place.resolve("a/b")).resolve("log"), "done");
          return place;
        });
    assertThat(folder).doesNotExist();
  }

  @Test
  void oneThatFailedLeavesItsLogs() {
    AtomicReference<Path> folder = new AtomicReference<>();
    assertThatThrownBy(() ->
            Scratch.<Integer>with(place -> {
              folder.set(Files.writeString(place.resolve("log"), "why"));
              throw new IOException("it broke");
            }))
        .isInstanceOf(OutcomeException.class)
        .hasMessage("it broke");
    assertThat(folder.get()).hasContent("why");
    Stage.delete(folder.get().resolveSibling("."));
  }
}
