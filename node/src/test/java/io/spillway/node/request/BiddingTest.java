package io.spillway.node.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.node.request.Bidding.Facts;
import io.spillway.rpc.RpcServer.Bid;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BiddingTest {
  @ParameterizedTest
  @CsvSource({
    // proven, records it, heard before, refuses, load, refusal's bid -> bid, delay in ms
    "true,  false, false, false, 0,   0.01, 1,    0",
    "true,  false, false, false, 0.5, 0.01, 1,    10",
    "true,  false, false, false, 1,   0.01, 1,    20",
    "true,  false, false, true,  0,   0.01, 0.01, 0",
    "true,  false, false, true,  0,   -1,   -1,   0",
    "true,  false, true,  false, 0,   0.01, 1,    200",
    "true,  true,  true,  false, 1,   0.01, 1,    0",
    "true,  true,  true,  true,  1,   0.01, 1,    0",
    "false, false, false, false, 0,   0.01, -1,   0",
    "false, true,  true,  false, 0,   0.01, 1,    0",
    "false, true,  true,  true,  1,   0.01, 1,    0",
    "false, false, true,  false, 0,   0.01, -1,   0",
    "false, false, false, true,  0,   0.01, -1,   0",
  })
  void aBidFollowsFromTheFacts(
      boolean proven,
      boolean recordsIt,
      boolean heardBefore,
      boolean refuses,
      double load,
      float refusalAffinity,
      float affinity,
      long delayMillis) {
    Facts facts = new Facts(proven, recordsIt, heardBefore, refuses, load, refusalAffinity);
    assertThat(Bidding.on(facts)).isEqualTo(new Bid(affinity, Duration.ofMillis(delayMillis)));
  }

  @Test
  void loadGrowsWithWhatIsUsedAndWithRecordingsAndStaysBelowOne() {
    assertThat(Bidding.load(0, 0)).isZero();
    assertThat(Bidding.load(0, 2)).isGreaterThan(Bidding.load(0, 1));
    assertThat(Bidding.load(0.5, 1)).isGreaterThan(Bidding.load(0.4, 1));
    assertThat(Bidding.load(0.8, 0)).isGreaterThan(Bidding.load(0.1, 3));
    assertThat(Bidding.load(3, 1_000_000)).isBetween(0.99, 1.0);
  }

  @Test
  void oneRecordingMoreOutweighsWhatTwoNodesOfOneMachineMeasureDifferently() {
    assertThat(Bidding.load(0.9, 0)).isLessThan(Bidding.load(0.8, 1));
  }
}
