package io.spillway.rpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.bounded.Backoff;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelfWatchTest {
  private static final Duration STEP = Duration.ofSeconds(1);

  private final SelfWatch watch =
      new SelfWatch(
          3, new Backoff(Duration.ofSeconds(8), Duration.ofSeconds(60)), new Random(1), 0);

  /**
   * A letter for each second: u a call that nobody answered, a one that was, - none; R where the
   * client is to be rebuilt. The first back-off is 4 to 8 s, the second 8 to 16. An o is a call
   * that nobody answered and that had begun five seconds before.
   */
  @ParameterizedTest
  @CsvSource({
    "uu,                        ..",
    "uuu,                       ..R",
    "uuauu,                     .....",
    "uuauuu,                    .....R",
    "uuuuuu,                    ..R...",
    "uuu--------uuu,            ..R..........R",
    "uuuuuuu--------u,          ..R............R",
    "uuu--------uuuuuu,         ..R..........R...",
    "aoooo,                     .....",
    "a----oooo,                 .......R.",
    "uua----ooo,                .........R",
    "uua--ooo,                  ........"
  })
  void theClientIsRebuiltAfterThreeInARowAndOncePerBackOff(String calls, String rebuilds) {
    StringBuilder seen = new StringBuilder();
    for (int second = 0; second < calls.length(); second++) {
      seen.append(happens(calls.charAt(second), STEP.multipliedBy(second).toNanos()));
    }
    assertThat(seen.toString()).isEqualTo(rebuilds);
  }

  private char happens(char call, long nowNanos) {
    if (call == 'a') {
      watch.answered(nowNanos);
    }
    return switch (call) {
      case 'u' -> watch.unanswered(nowNanos, nowNanos) ? 'R' : '.';
      case 'o' -> watch.unanswered(nowNanos - 5 * STEP.toNanos(), nowNanos) ? 'R' : '.';
      default -> '.';
    };
  }
}
