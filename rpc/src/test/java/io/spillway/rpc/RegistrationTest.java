package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.rpc.RpcServer.Registration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RegistrationTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void twoThatGoTogetherAreClosedTogether() {
    Registration both = Registration.both(() -> closed.add("a"), () -> () -> closed.add("b"));
    assertThat(closed).isEmpty();
    both.close();
    assertThat(closed).containsExactly("a", "b");
  }

  @Test
  void theFirstDoesNotOutliveARefusalOfTheSecond() {
    assertThatThrownBy(() ->
            Registration.both(
                () -> closed.add("a"),
                () -> {
                  throw new RpcException(RpcCode.UNAVAILABLE, "no bus");
                }))
        .hasMessageContaining("no bus");
    assertThat(closed).containsExactly("a");
  }
}
