package io.spillway.bench.storm;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.command.Terminal;
import io.spillway.core.time.SystemTime;
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
  @Test
  void everyCallIsAnsweredThroughTheStormAndAllAreAfterIt(@TempDir Path folder) throws Exception {
    var client = new AtomicReference<OurClient>();
    try (SystemTime time = new SystemTime()) {
      PrintWriter out = new PrintWriter(new StringWriter());
      Terminal terminal = new Terminal(out, out, Map.of(), time, ZoneOffset.UTC, false);
      Storm.Outcome outcome =
          new Storm(terminal, folder)
              .meet(redis -> {
                client.set(new OurClient(redis, time));
                return client.get();
              });
      StormClient.Result calm = outcome.calm().orElseThrow();
      assertThat(calm.failed()).as("the peer answered all of them in time: %s", calm).isZero();
      assertThat(calm.ok()).isEqualTo(Storm.CALM.answeredInTime());
      assertThat(outcome.answeredInTime())
          .as("answered in time amid the troubles, over a connection that lived")
          .hasSizeGreaterThan(60);
      assertThat(outcome.failedThoughAnswered()).isEmpty();
      StormClient.Result clean = outcome.clean().orElseThrow();
      assertThat(clean.ok()).isEqualTo(Storm.CLEAN.answeredInTime());
      assertThat(clean.longestMillis())
          .as("a second after the storm every call is answered within a second")
          .isLessThanOrEqualTo(Storm.BACK_WITHIN.toMillis());
      long longest =
          Math.max(calm.longestMillis(), outcome.troubled().orElseThrow().longestMillis());
      assertThat(longest)
          .as("a call returns by its deadline")
          .isLessThan(StormClient.TIMEOUT.plus(Duration.ofMillis(500)).toMillis());
      for (DropReason reason :
          List.of(DropReason.REPEATED, DropReason.UNKNOWN, DropReason.MALFORMED)) {
        assertThat(client.get().metrics().drops(reason)).as(reason.name()).isGreaterThan(300);
      }
    }
  }
}
