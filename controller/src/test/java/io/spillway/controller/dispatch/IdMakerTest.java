package io.spillway.controller.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class IdMakerTest {
  @Test
  void idsAreOfLiveKitsAlphabetAndDiffer() {
    IdMaker ids = new IdMaker(new Random(7));
    assertThat(ids.egress()).matches("EG_[2-9A-HJ-NP-Za-km-z]{12}").isNotEqualTo(ids.egress());
    assertThat(ids.request()).startsWith("REQ_").hasSize(16);
  }
}
