package io.spillway.bench.storm;

import static io.spillway.rpc.RpcCode.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.command.Terminal;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.DropReason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer that does everything wrong, on a Redis that is cut, paused and restarted meanwhile. */
@Timeout(180)
class StormTest {
  private final AtomicReference<OurClient> client = new AtomicReference<>();

  @Test
  void everyCallIsAnsweredThroughTheStormAndAllAreAfterIt(@TempDir Path folder) throws Exception {
    Storm.Outcome outcome = meet(folder, OurClient::withRetries);
    StormClient.Result calm = outcome.calm().orElseThrow();
    assertThat(calm.failed()).as("the peer answered all of them in time: %s", calm).isZero();
    assertThat(calm.ok()).isEqualTo(Storm.CALM.answeredInTime());
    assertThat(outcome.answeredInTime())
        .as("answered in time amid the troubles, over a connection that lived")
        .hasSizeGreaterThanOrEqualTo(Storm.COUNTING_AT_LEAST);
    assertThat(outcome.failedThoughAnswered()).isEmpty();
    allAreAnsweredAfterwards(outcome);
    assertThat(outcome.heldThroughout()).isTrue();
  }

  /**
   * The peer leaves calls unanswered, and five of them in a row make the client begin anew: what is
   * in flight then, a call of each caller at most, is told so. After the storm nothing is.
   */
  @Test
  void withoutRetriesOnlyCallsAmidARebuildFailAndNoneAfterTheStorm(@TempDir Path folder)
      throws Exception {
    Storm.Outcome outcome = meet(folder, OurClient::bare);
    assertThat(outcome.answeredInCalm()).hasSizeGreaterThanOrEqualTo(Storm.COUNTING_AT_LEAST);
    assertThat(outcome.failedInCalmThoughAnswered())
        .hasSizeLessThanOrEqualTo(Storm.CALM.callers())
        .allSatisfy(name -> assertThat(client.get().refusal(name)).isEqualTo(UNAVAILABLE));
    allAreAnsweredAfterwards(outcome);
  }

  /** Makes one of our clients. */
  private interface Made {
    OurClient on(String redis, TimeSource time) throws InterruptedException;
  }

  private Storm.Outcome meet(Path folder, Made made) throws Exception {
    try (SystemTime time = new SystemTime()) {
      PrintWriter out = new PrintWriter(new StringWriter());
      Terminal terminal = new Terminal(out, out, Map.of(), time, ZoneOffset.UTC, false);
      return new Storm(terminal, folder)
          .meet(redis -> {
            client.set(made.on(redis, time));
            return client.get();
          });
    }
  }

  private void allAreAnsweredAfterwards(Storm.Outcome outcome) {
    StormClient.Result clean = outcome.clean().orElseThrow();
    assertThat(clean.ok()).as("%s", clean).isEqualTo(Storm.CLEAN.answeredInTime());
    assertThat(clean.longestMillis())
        .as("a second after the last trouble every call is answered within a second")
        .isLessThanOrEqualTo(Storm.BACK_WITHIN.toMillis());
    long longest =
        Math.max(
            outcome.calm().orElseThrow().longestMillis(),
            outcome.troubled().orElseThrow().longestMillis());
    assertThat(longest)
        .as("a call returns by its deadline")
        .isLessThan(StormClient.TIMEOUT.plus(Duration.ofMillis(500)).toMillis());
    for (DropReason reason :
        List.of(DropReason.REPEATED, DropReason.UNKNOWN, DropReason.MALFORMED)) {
      assertThat(client.get().metrics().drops(reason)).as(reason.name()).isGreaterThan(300);
    }
  }
}
