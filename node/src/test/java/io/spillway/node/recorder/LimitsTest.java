package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.storage.spool.Part;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LimitsTest {
  private static final long BEGAN = 1_700_000_000_000_000_000L;
  private static final long SECOND = 1_000_000_000L;

  /** Two parts of 10 s and 100 bytes, begun at 0 and 30 s; the third begins at 60 s. */
  @ParameterizedTest(name = "{0} s and {1} bytes: {2} ms and {3} bytes are left")
  @CsvSource({
    "0,   0,    0,     0",
    "90,  1000, 30000, 800",
    "61,  201,  1000,  1",
    "60,  200,  0,     1",
    "20,  50,   0,     1",
  })
  void whatIsLeftForAFurtherPartCountsGapsAsTheFileDoes(
      long seconds, long bytes, long leftMillis, long leftBytes) {
    Limits left =
        new Limits(Duration.ofSeconds(seconds), bytes)
            .after(List.of(part(1, 0), part(2, 30), unbegun(3)), BEGAN + 60 * SECOND);

    assertThat(left.duration().toMillis()).isEqualTo(leftMillis);
    assertThat(left.duration().isZero()).as("no limit").isEqualTo(seconds == 0);
    assertThat(left.bytes()).isEqualTo(leftBytes);
  }

  private static Part part(int epoch, long atSeconds) {
    long at = BEGAN + atSeconds * SECOND;
    return part(epoch, Part.File.begun("/r/a" + epoch, "a", false, at))
        .finished(at + 10 * SECOND, 10 * SECOND, 100);
  }

  /** Its node died before its track came. */
  private static Part unbegun(int epoch) {
    return part(epoch, Part.File.begun("", "a", false, 0)).finished(0, 0, 0);
  }

  private static Part part(int epoch, Part.File file) {
    return Part.begun(
        "EG_1",
        epoch,
        new Part.Room("RM_1", "room", "ws://sfu"),
        new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
        file);
  }
}
