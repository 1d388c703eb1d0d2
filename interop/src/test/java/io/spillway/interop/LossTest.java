package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.LossyRelay;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void lossIsRepairedAndNothingStalls(int percent) throws Exception {
    String room = "loss-" + percent;
    relay.spareNewcomers();
    long exposedBefore = relay.exposed();
    long lostBefore = relay.lost();
    try (RustPublisher publisher = stage.rustPublisher(room, "rust")) {
      String sound = publisher.publishAudio();
      String picture = publisher.publishVideo("vp8", 640, 360);
      relay.impairNewcomers(percent / 100.0, JITTER_MILLIS);

      String heard = stage.begin(room, sound);
      String seen = stage.begin(room, picture);
      Stage.letPass(LENGTH);
      Stage.Take sounds = stage.end(heard);
      Stage.Take pictures = stage.end(seen);

      long exposed = relay.exposed() - exposedBefore;
      assertThat(exposed).as("media packets on the bad network").isGreaterThan(500);
      assertThat(relay.lost() - lostBefore).as("lost of %d", exposed).isPositive();
      var media = sounds.media().plays("opus").lasts(sounds.asked()).hasTone(440);
      // At most what was lost may be missing; repair should leave far less.
      assertThat(media.silentMillis(Duration.ofMillis(500), LENGTH.minusMillis(500)))
          .isLessThanOrEqualTo(LENGTH.toMillis() * percent / 100);
      pictures.media().plays("vp8").lasts(pictures.asked()).moves(Duration.ofSeconds(1));
    }
  }
}
