package io.spillway.bench.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisCommandsTest {
  private static final String PUBLISH = "*3\r\n$7\r\nPUBLISH\r\n$4\r\nchan\r\n$4\r\na\r\nb\r\n";
  private static final String PING = "*1\r\n$4\r\nPING\r\n";

  private final RedisCommands commands = new RedisCommands();

  private List<RedisCommands.Command> fed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    commands.feed(bytes, bytes.length);
    List<RedisCommands.Command> all = new ArrayList<>();
    for (var next = commands.next(); next.isPresent(); next = commands.next()) {
      all.add(next.get());
    }
    return all;
  }

  @Test
  void commandsAreCutWhereverTheBytesAreSplit() {
    String both = PUBLISH + PING;
    for (int cut = 0; cut <= both.length(); cut++) {
      List<RedisCommands.Command> all = new ArrayList<>(fed(both.substring(0, cut)));
      all.addAll(fed(both.substring(cut)));
      assertThat(all).extracting(RedisCommands.Command::name).containsExactly("PUBLISH", "PING");
      assertThat(all.get(0).bytes()).asString(StandardCharsets.ISO_8859_1).isEqualTo(PUBLISH);
      assertThat(all.get(1).bytes()).asString(StandardCharsets.ISO_8859_1).isEqualTo(PING);
    }
  }

  @Test
  void aMessageToNobodyDiffersInItsChannelOnly() {
    assertThat(fed(PUBLISH).getFirst().toNobody())
        .asString(StandardCharsets.ISO_8859_1)
        .isEqualTo(PUBLISH.replace("chan", "!han"));
  }

  @Test
  void whatIsNoCommandIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> fed("PING\r\n"));
    assertThatIllegalArgumentException().isThrownBy(() -> fed("*1\r\n$x\r\n"));
  }
}
