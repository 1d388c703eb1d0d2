package io.spillway.node.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LivesTest {
  @TempDir private Path data;

  @Test
  void eachProcessKnowsThoseBeforeIt() {
    assertThat(Lives.begin(data, "ND_1")).isEmpty();
    assertThat(Lives.begin(data, "ND_2")).containsExactly("ND_1");
    assertThat(Lives.begin(data, "ND_3")).containsExactly("ND_1", "ND_2");
  }

  @Test
  void aNodeThatKeepsItsIdIsNotItsOwnPast() {
    assertThat(Lives.begin(data, "ND_1")).isEmpty();
    assertThat(Lives.begin(data, "ND_1")).isEmpty();
  }

  @Test
  void theOldestAreForgotten() {
    for (int i = 0; i < Lives.MOST + 5; i++) {
      var _ = Lives.begin(data, "ND_" + i);
    }
    assertThat(Lives.begin(data, "ND_last")).hasSize(Lives.MOST).startsWith("ND_5");
  }
}
