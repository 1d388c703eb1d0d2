package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotMapTest {
  private static List<Object> node(String host, long port) {
    return List.of(
        host.getBytes(StandardCharsets.UTF_8), port, "id".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void eachSlotHasTheMasterOfItsRange() {
    List<?> answer =
        List.of(
            List.of(0L, 8_191L, node("10.0.0.1", 1), node("10.0.0.3", 3)),
            List.of(8_192L, 16_383L, node("::1", 2)));
    SlotMap map = SlotMap.read(answer, "asked");
    assertThat(map.owners().get(8_191)).isEqualTo("10.0.0.1:1");
    assertThat(map.owners().get(8_192)).isEqualTo("[::1]:2");
    assertThat(map.nodes()).containsExactly("10.0.0.1:1", "10.0.0.3:3", "[::1]:2");
    assertThat(map.owner("foo")).contains("[::1]:2"); // slot 12182 by the specification
  }

  @Test
  void anEmptyHostIsTheServerThatWasAskedAndAGapHasNoOwner() {
    SlotMap map = SlotMap.read(List.of(List.of(0L, 9L, node("", 7))), "asked");
    assertThat(map.nodes()).containsExactly("asked:7");
    assertThat(map.owner("foo")).isEmpty();
  }

  @Test
  void whatIsNoRangeIsLeftOut() {
    List<?> answer =
        List.of("?", List.of(), List.of(5L, 99_999L, node("h", 1)), List.of(1L, 2L, "no node"));
    assertThat(SlotMap.read(answer, "asked").nodes()).isEmpty();
  }
}
