package io.spillway.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdsTest {
  @Test
  void idsLookAsPsrpcsDo() {
    Ids ids = new Ids(new Random(1));
    assertThat(ids.client()).matches("CLI_[0-9A-Za-z]{12}");
    assertThat(ids.server()).matches("SRV_[0-9A-Za-z]{12}");
    assertThat(ids.request()).matches("REQ_[0-9A-Za-z]{12}");
  }

  @Test
  void noIdComesTwiceAndASeedGivesTheSameOnes() {
    Ids ids = new Ids(new Random(1));
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      assertThat(seen.add(ids.request())).isTrue();
    }
    assertThat(new Ids(new Random(5)).request()).isEqualTo(new Ids(new Random(5)).request());
    assertThat(new Ids(new Random(5)).request()).isNotEqualTo(new Ids(new Random(6)).request());
  }
}
