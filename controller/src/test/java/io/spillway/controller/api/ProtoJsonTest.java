package io.spillway.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProtoJsonTest {
  @Test
  void zeroValuesArePrintedUnderProtoNamesAndAbsentMessagesAreNull() {
    // Go: protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.
    assertThat(ProtoJson.print(ListEgressResponse.getDefaultInstance()).toString())
        .isEqualTo("{\"items\":[],\"next_page_token\":null}");
    EgressInfo info =
        EgressInfo.newBuilder()
            .setEgressId("EG_1")
            .setStartedAt(1_700_000_000_000_000_000L)
            .setTrack(TrackEgressRequest.newBuilder().setRoomName("r").setTrackId("TR_1"))
            .build();
    String json = ProtoJson.print(info).toString();
    assertThat(json)
        .contains("\"egress_id\":\"EG_1\"")
        .contains("\"status\":\"EGRESS_STARTING\"")
        .contains("\"started_at\":\"1700000000000000000\"")
        .contains("\"ended_at\":\"0\"")
        .contains("\"file_results\":[]")
        .contains("\"backup_storage_used\":false")
        .contains("\"track\":{\"room_name\":\"r\",\"track_id\":\"TR_1\",\"webhooks\":[]}")
        .doesNotContain("room_composite");
  }

  @Test
  void bothNamingsAreReadAndUnknownFieldsIgnored() throws Exception {
    for (String json :
        new String[] {
          "{\"room_name\":\"r\",\"track_id\":\"T\",\"file\":{\"disable_manifest\":true}}",
          "{\"roomName\":\"r\",\"trackId\":\"T\",\"file\":{\"disableManifest\":true}}",
          "{\"roomName\":\"r\",\"track_id\":\"T\",\"new\":{\"a\":[1]},"
              + "\"file\":{\"disableManifest\":true,\"x\":null}}"
        }) {
      TrackEgressRequest.Builder request = TrackEgressRequest.newBuilder();
      ProtoJson.parse(utf8(json), request);
      assertThat(request.getRoomName()).as(json).isEqualTo("r");
      assertThat(request.getTrackId()).as(json).isEqualTo("T");
      assertThat(request.getFile().getDisableManifest()).as(json).isTrue();
    }
  }

  @Test
  void whatIsPrintedIsReadAgainAsTheSame() throws Exception {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setEgressId("EG_\u00e9\"\\\n")
            .setStatus(EgressStatus.EGRESS_COMPLETE)
            .setUpdatedAt(Long.MAX_VALUE)
            .setErrorCode(-1)
            .build();
    EgressInfo.Builder again = EgressInfo.newBuilder();
    ProtoJson.parse(utf8(ProtoJson.print(info).toString()), again);
    assertThat(again.build()).isEqualTo(info);
  }

  @Test
  void whatIsNoMessageIsRefusedInOneWay() {
    for (String json :
        new String[] {
          "",
          "nonsense",
          "[]",
          "1",
          "null",
          "{room_name:1}",
          "{\"room_name\":\"a\",\"room_name\":\"b\"}",
          "{\"room_name\":[]}",
          "{\"file\":3}",
          "{\"room_name\":\"r\"",
          "[".repeat(50_000),
          "{\"file\":".repeat(5_000)
        }) {
      assertThatThrownBy(
              () -> ProtoJson.parse(utf8(json), TrackEgressRequest.newBuilder()),
              json.substring(0, Math.min(30, json.length())))
          .isInstanceOf(InvalidProtocolBufferException.class);
    }
  }

  @Test
  void randomTextNeverThrowsAnythingElse() {
    String alphabet = "{}[]\":,\\ntrue0123456789.eE+-roomnametrack_id\u0000\ud83d ";
    int read = 0;
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder json = new StringBuilder("{\"room_name\":");
      for (int i = random.nextInt(24); i >= 0; i--) {
        json.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        ProtoJson.parse(utf8(json.toString()), TrackEgressRequest.newBuilder());
        read++;
      } catch (InvalidProtocolBufferException expected) {
        assertThat(expected).as("seed %d", seed).isNotNull();
      }
    }
    assertThat(read).isLessThan(20_000);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
