package io.spillway.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    assertThat(new Table("A", "B").row("long cell", "x").row("é", "").lines())
        .containsExactly("A          B", "long cell  x", "é");
  }

  @Test
  void anEscapeSequenceInARoomNameNeverReachesTheTerminal() {
    assertThat(new Table("ROOM").row("a\u001b[31mb\n").lines().getLast()).isEqualTo("a?[31mb?");
  }

  @Test
  void aRowOfAnotherWidthIsAMistake() {
    assertThatThrownBy(() -> new Table("A").row("1", "2"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
