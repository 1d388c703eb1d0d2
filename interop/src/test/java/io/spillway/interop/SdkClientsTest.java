package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livekit.server.EgressServiceClient;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.PythonClient;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import livekit.LivekitEgress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import retrofit2.Response;

/** LiveKit's own clients, unchanged, against our API. */
class SdkClientsTest {
  @TempDir static Path folder;
  private static Stage stage;

  @BeforeAll
  static void open() {
    stage = Stage.set(folder, LiveKitServer.Media.ONE_PORT);
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  @ParameterizedTest
  @CsvSource({"v1, audio, .ogg", "v2, audio, .ogg", "v1, video, .webm", "v2, video, .webm"})
  void thePythonClientRecordsATrack(String version, String kind, String extension)
      throws Exception {
    String room = "python-" + version + "-" + kind;
    try (RustPublisher publisher = stage.rustPublisher(room, "rust")) {
      boolean sound = kind.equals("audio");
      String track = sound ? publisher.publishAudio() : publisher.publishVideo("vp8", 320, 180);
      Path file = stage.recordings().resolve(room + extension);

      var seen = PythonClient.record(stage, version, kind, room, track, file, 3);

      assertThat(seen.started().path("egress_id").asString()).startsWith("EG_");
      assertThat(seen.started().path("room_name").asString()).isEqualTo(room);
      assertThat(seen.stopped().path("status").asString()).isEqualTo("EGRESS_ENDING");
      assertThat(seen.ended().path("status").asString()).isEqualTo("EGRESS_COMPLETE");
      assertThat(seen.ended().path("file_results")).hasSize(1);
      RecordedMedia.of(file.toString()).plays(sound ? "opus" : "vp8").lasts(seen.asked());
      stage.nothingWasLost();
    }
  }

  @Test
  void theJavaSdkStartsListsAndStops() throws Exception {
    try (RustPublisher publisher = stage.rustPublisher("java", "rust")) {
      String track = publisher.publishAudio();
      EgressServiceClient client =
          EgressServiceClient.createClient(
              stage.spillway().url(), LiveKitServer.KEY.key(), LiveKitServer.KEY.secret());
      LivekitEgress.DirectFileOutput output =
          LivekitEgress.DirectFileOutput.newBuilder()
              .setFilepath(stage.recordings().resolve("java.ogg").toString())
              .build();

      LivekitEgress.EgressInfo started =
          body(client.startTrackEgress("java", output, track).execute());
      stage
          .spillway()
          .await(started.getEgressId(), EgressStatus.EGRESS_ACTIVE, Duration.ofSeconds(10));
      Stage.letPass(Duration.ofSeconds(2));

      assertThat(body(client.listEgress("java", null, true).execute()))
          .extracting(LivekitEgress.EgressInfo::getEgressId)
          .containsExactly(started.getEgressId());
      Instant stopAsked = Instant.now();
      assertThat(body(client.stopEgress(started.getEgressId()).execute()).getEgressId())
          .isEqualTo(started.getEgressId());
      stage
          .spillway()
          .await(started.getEgressId(), EgressStatus.EGRESS_COMPLETE, Duration.ofSeconds(10));
      Stage.Take take = stage.ended(started.getEgressId(), stopAsked);
      take.media().plays("opus").hasTone(440).lasts(take.asked());
      stage.nothingWasLost();
    }
  }

  private static <T> T body(Response<T> response) throws Exception {
    T body = response.body();
    if (body == null) {
      throw new AssertionError(
          response.code()
              + " "
              + (response.errorBody() == null ? "" : response.errorBody().string()));
    }
    return body;
  }
}
