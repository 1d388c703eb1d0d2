package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.LossyRelay;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.interop.fixture.Stillness;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bad network between the server and the recorder alone. */
class LossTest {
  private static final Duration LENGTH = Duration.ofSeconds(10);
  private static final int JITTER_MILLIS = 50;

  private static final long SEED = 5;

  @TempDir static Path folder;
  private static Stage stage;
  private static LossyRelay relay;

  @BeforeAll
  static void open() {
    stage = Stage.set(folder, LiveKitServer.Media.THROUGH_RELAY);
    relay = new LossyRelay(stage.server(), SEED);
  }

  @AfterAll
  static void close() {
    stage.close();
    relay.close();
  }

  /**
   * A packet that is asked for again comes within a round trip (up to 100 ms on this path), so it
   * takes several losses in a row to lose a picture, and then a key frame is asked for: another
   * round trip and the encoder's next picture.
   */
  private static final Duration STILL = Duration.ofMillis(200);

  @ParameterizedTest
  @CsvSource({"1, vp8", "3, vp8", "5, vp8", "1, h264", "3, h264", "5, h264", "3, vp9", "3, av1"})
  void lossIsRepairedAndNothingStalls(int percent, String codec) throws Exception {
    String room = "loss-" + percent + "-" + codec;
    relay.spareNewcomers();
    long exposedBefore = relay.exposed();
    long lostBefore = relay.lost();
    try (RustPublisher publisher = stage.rustPublisher(room, "rust")) {
      String sound = publisher.publishAudio();
      String picture = publisher.publishVideo(codec, 640, 360);
      // On a good network: what is missing here, the publisher on its busy machine never sent.
      String spared = stage.begin(room, picture);
      relay.impairNewcomers(percent / 100.0, JITTER_MILLIS);

      String heard = stage.begin(room, sound);
      String seen = stage.begin(room, picture);
      Stage.letPass(LENGTH);
      Stage.Take sounds = stage.end(heard);
      Stage.Take pictures = stage.end(seen);
      Stillness sent = stage.end(spared).media().plays(codec).stillness();

      long exposed = relay.exposed() - exposedBefore;
      long lost = relay.lost() - lostBefore;
      assertThat(exposed).as("packets on the bad network").isGreaterThan(500);
      assertThat(lost * 100.0 / exposed)
          .as("%% lost of %d", exposed)
          .isBetween(percent * 0.5, percent * 1.5);
      // At most what was lost may be missing; repair should leave far less.
      long mayMiss = LENGTH.toMillis() * percent / 100;
      var media = sounds.media().plays("opus").lasts(sounds.asked()).hasTone(440);
      long silent = media.silentMillis(Duration.ofMillis(500), LENGTH.minusMillis(500));
      assertThat(silent).isLessThanOrEqualTo(mayMiss);

      Stillness stillness = pictures.media().plays(codec).lasts(pictures.asked()).stillness();
      assertThat(stillness.lost().minus(sent.lost()))
          .as("pictures missing: %s of %s sent", stillness, sent)
          .isLessThanOrEqualTo(Duration.ofMillis(mayMiss));
      assertThat(stillness.longest().minus(sent.longest()).plus(sent.step()))
          .as("longest still: %s of %s sent", stillness, sent)
          .isLessThanOrEqualTo(STILL);
    }
  }
}
