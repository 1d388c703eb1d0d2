package io.spillway.rtc.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class KernelDropsTest {
  @Test
  void dropsAreReadByPortAndWhatIsNotUnderstoodIsLeftOut() {
    Map<Integer, Long> drops = new HashMap<>();
    KernelDrops.parse(
        List.of(
            "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                + "timeout inode ref pointer drops",
            " 2309: 00000000:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0 "
                + "       0 51 2 0000000000000000 17",
            " 2310: 0100007F:C350 00000000:0000 07 00000000:00000000 00:00000000 00000000     0 "
                + "       0 52 2 0000000000000000 0",
            "junk",
            ""),
        drops);
    assertThat(drops).containsOnly(Map.entry(8080, 17L), Map.entry(50000, 0L));
  }

  @Test
  void aMachineWithoutTheTableKnowsNothing() {
    assertThat(new KernelDrops(List.of(Path.of("/no/such/table"))).byLocalPort()).isEmpty();
  }
}
