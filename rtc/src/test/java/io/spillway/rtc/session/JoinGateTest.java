package io.spillway.rtc.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JoinGateTest {
  private final List<String> entered = new ArrayList<>();

  @Test
  void asManyAsHavePlacesEnterAndTheOthersFollowInOrder() {
    JoinGate gate = new JoinGate(2);
    JoinGate.Ticket a = gate.enter(() -> entered.add("a"));
    JoinGate.Ticket b = gate.enter(() -> entered.add("b"));
    JoinGate.Ticket c = gate.enter(() -> entered.add("c"));
    gate.enter(() -> entered.add("d"));
    assertThat(entered).containsExactly("a", "b");
    a.done();
    a.done();
    assertThat(entered).containsExactly("a", "b", "c");
    b.done();
    c.done();
    assertThat(entered).containsExactly("a", "b", "c", "d");
  }

  @Test
  void whoGivesUpWhileWaitingNeverEnters() {
    JoinGate gate = new JoinGate(1);
    JoinGate.Ticket a = gate.enter(() -> entered.add("a"));
    JoinGate.Ticket b = gate.enter(() -> entered.add("b"));
    b.done();
    assertThat(gate.waiting()).isZero();
    a.done();
    gate.enter(() -> entered.add("c"));
    assertThat(entered).containsExactly("a", "c");
  }
}
