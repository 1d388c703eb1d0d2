package io.spillway.controller.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.controller.ControllerFixture;
import io.spillway.controller.FakeLiveKit;
import io.spillway.core.media.Codec;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.rpc.RpcException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LiveKitRoomsTest {
  private final SimulatedTime time = new SimulatedTime();
  private FakeLiveKit server;
  private LiveKitRooms rooms;

  @BeforeEach
  void open() throws Exception {
    server = new FakeLiveKit(ControllerFixture.KEYS, time);
    server.room("studio", "RM_1");
    rooms = asking(ControllerFixture.KEYS.signing());
  }

  @AfterEach
  void close() {
    rooms.close();
    server.close();
  }

  @Test
  void aRoomIsBelievedForASecond() throws Exception {
    assertThat(sid("studio")).contains("RM_1");
    server.room("studio", "RM_2");
    time.advance(Duration.ofMillis(999));
    assertThat(sid("studio")).contains("RM_1");
    assertThat(server.questions()).isEqualTo(1);
    time.advance(Duration.ofMillis(2));
    assertThat(sid("studio")).contains("RM_2");
  }

  @Test
  void aRoomThatWasNotThereIsAskedForAgain() throws Exception {
    assertThat(sid("late")).isEmpty();
    server.room("late", "RM_3");
    assertThat(sid("late")).contains("RM_3");
  }

  @Test
  void aFailureIsNotRemembered() throws Exception {
    server.failWith(503);
    assertThatThrownBy(() -> sid("studio"))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("status 503");
    server.failWith(0);
    assertThat(sid("studio")).contains("RM_1");
  }

  @Test
  void aKeyThatLiveKitRefusesIsSaid() {
    try (LiveKitRooms wrong = asking(new ApiKey("devkey", "wrong"))) {
      assertThatThrownBy(() -> wrong.sidOf("studio", Deadline.in(time, Duration.ofSeconds(5))))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("status 401");
    }
  }

  @Test
  void aTracksCodecIsKnownWhereItIsPublishedAndNobodysFailure() throws Exception {
    server.track("studio", "TR_1", "audio/PCMA");
    assertThat(codec("TR_1")).contains(Codec.PCMA);
    assertThat(codec("TR_2")).isEmpty();
    server.failWith(503);
    time.advance(Duration.ofSeconds(2));
    assertThat(codec("TR_1")).isEmpty();
  }

  private Optional<Codec> codec(String track) throws InterruptedException {
    return rooms.codecOf("studio", track, Deadline.in(time, Duration.ofSeconds(5)));
  }

  private LiveKitRooms asking(ApiKey key) {
    return new LiveKitRooms(server.url(), new TokenSigner(key, time), time);
  }

  private Optional<String> sid(String room) throws InterruptedException {
    return rooms.sidOf(room, Deadline.in(time, Duration.ofSeconds(5)));
  }
}
