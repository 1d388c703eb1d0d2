package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.command.Terminal;
import io.spillway.bench.incident.Fault;
import io.spillway.bench.incident.Outcome;
import io.spillway.bench.incident.Replay;
import io.spillway.bench.stage.Stage;
import io.spillway.core.time.SystemTime;
import io.spillway.interop.fixture.Programs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The incident in short: {@code spillway bench incident} is the same with more of everything. */
class IncidentTest {
  /** Its PUBLISHes reach nobody; or a thread that reads its messages never comes back. */
  @ParameterizedTest
  @EnumSource(names = {"PUBLISH", "BLOCK"})
  void aWedgedNodeCostsNoStartAndNoRecordingAndIsNoticedInSeconds(Fault fault) throws Exception {
    StringWriter said = new StringWriter();
    try (SystemTime time = new SystemTime();
        Stage stage = Stage.in(terminal(time, said), Path.of(""), new SecureRandom())) {
      Replay.Plan plan =
          new Replay.Plan(
              Programs::spillway,
              "",
              3,
              60,
              3,
              List.of(fault),
              Duration.ofSeconds(10),
              Duration.ofSeconds(2));
      Outcome outcome = new Replay(terminal(time, said), plan, new SecureRandom()).on(stage);
      assertThat(outcome.starts()).isGreaterThanOrEqualTo(60);
      assertThat(outcome.failures()).as("starts, of %s", said).isEmpty();
      assertThat(outcome.withoutEnd()).as("without a final status, of %s", said).isZero();
      assertThat(outcome.endedBadly()).as("ended badly, of %s", said).isZero();
      assertThat(outcome.cutByWedges()).as("cut, of %s", said).isEmpty();
      assertThat(outcome.lostOrSharedFiles()).isZero();
      assertThat(outcome.noticed()).isPresent();
      assertThat(outcome.noMoreWork()).isPresent();
      if (fault == Fault.PUBLISH) { // a busy machine stretches the times of what is blocked
        assertThat(outcome.noticed()).hasValueSatisfying(IncidentTest::isWithinSixSeconds);
        assertThat(outcome.noMoreWork()).hasValueSatisfying(IncidentTest::isWithinSixSeconds);
      }
      assertThat(outcome.mended())
          .hasValueSatisfying(
              mended -> assertThat(mended).isLessThanOrEqualTo(Outcome.MEND_WITHIN));
    }
  }

  private static void isWithinSixSeconds(Duration time) {
    assertThat(time).isLessThanOrEqualTo(Outcome.NOTICE_WITHIN);
  }

  private static Terminal terminal(SystemTime time, StringWriter said) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("SPILLWAY_LIVEKIT_SERVER", Programs.livekitServer().toString());
    return new Terminal(
        new PrintWriter(said),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        environment,
        time,
        ZoneOffset.UTC,
        false);
  }
}
