package io.spillway.controller.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StartRequestTest {
  private static final String GOOD_V1 = "room_name:'r' track_id:'TR_1' file:{filepath:'a.ogg'}";
  private static final String GOOD_V2 =
      "room_name:'r' preset:PASSTHROUGH media:{video_track_id:'TR_1'} outputs:{file:{}}";

  @Test
  void soundRequestsAreTaken() throws Exception {
    assertThat(new StartRequest.Track(v1(GOOD_V1)).summary()).isEqualTo("track TR_1");
    assertThat(new StartRequest.Track(v1("room_name:'r' track_id:'T' websocket_url:'ws://x'")))
        .extracting(StartRequest.Track::roomName)
        .isEqualTo("r");
    assertThat(StartRequest.ofV2(v2(GOOD_V2)).summary()).isEqualTo("passthrough TR_1");
    assertThat(
            StartRequest.ofV2(
                    v2(
                        "room_name:'r' preset:PASSTHROUGH outputs:{file:{}}"
                            + "media:{audio:{routes:{track_id:'TR_2' channel:AUDIO_CHANNEL_LEFT}}}"))
                .summary())
        .isEqualTo("passthrough TR_2");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "track_id:'TR_1' file:{} | room_name",
        "room_name:'a\\nb' track_id:'TR_1' file:{} | room_name",
        "room_name:'r' file:{} | track_id",
        "room_name:'r' track_id:'../x' file:{} | track_id",
        "room_name:'r' track_id:'TR 1' file:{} | track_id",
        "room_name:'r' track_id:'TR_1' | output",
        "room_name:'r' track_id:'TR_1' file:{} webhooks:{} webhooks:{} | webhooks",
      })
  void aBadTrackRequestNamesItsField(String request, String field) {
    assertRefused(() -> new StartRequest.Track(v1(request)), field);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "template:{} outputs:{file:{}} | passthrough source",
        "outputs:{file:{}} | passthrough source",
        "media:{video_track_id:''} outputs:{file:{}} | passthrough video_track_id",
        "media:{participant_video:{identity:'i'}} outputs:{file:{}}"
            + " | passthrough participant_video",
        "media:{audio:{capture_all:true}} outputs:{file:{}} | passthrough capture_all",
        "media:{audio:{routes:{track_id:'a'} routes:{track_id:'b'}}} outputs:{file:{}}"
            + " | passthrough audio routes",
        "media:{audio:{routes:{participant_identity:'i'}}} outputs:{file:{}}"
            + " | passthrough audio route match",
        "media:{audio:{routes:{track_id:''}}} outputs:{file:{}}"
            + " | passthrough audio route track_id",
        "media:{} outputs:{file:{}} | passthrough track_id",
        "media:{video_track_id:'v' audio:{routes:{track_id:'a'}}} outputs:{file:{}}"
            + " | passthrough track_id",
        "media:{video_track_id:'v'} | passthrough outputs",
        "media:{video_track_id:'v'} outputs:{file:{}} outputs:{file:{}} | passthrough outputs",
        "media:{video_track_id:'v'} outputs:{stream:{}} | passthrough output",
        "media:{video_track_id:'v'} outputs:{} | passthrough output",
        "media:{video_track_id:'v'} outputs:{file:{file_type:MP4}} | passthrough file_type",
        "media:{video_track_id:'v v'} outputs:{file:{}} | passthrough track_id",
      })
  void aBadPassthroughRequestNamesItsField(String request, String field) {
    assertRefused(
        () -> StartRequest.ofV2(v2("room_name:'r' preset:PASSTHROUGH " + request)), field);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "outputs:{file:{}} | source",
        "template:{audio_only:true video_only:true} outputs:{file:{}} | audio_only and video_only",
        "web:{url:'ftp://x'} outputs:{file:{}} | web url",
        "media:{} outputs:{file:{}} | audio or video",
        "template:{} | output",
        "template:{} outputs:{} | output config",
        "template:{} outputs:{file:{}} outputs:{file:{}} | multiple file outputs",
        "template:{} outputs:{stream:{}} outputs:{stream:{}} | multiple stream outputs",
        "template:{} outputs:{segments:{}} outputs:{segments:{}}"
            + " | multiple segmented file outputs",
      })
  void aBadEncodedRequestNamesItsField(String request, String field) {
    assertRefused(() -> StartRequest.ofV2(v2("room_name:'r' " + request)), field);
  }

  @Test
  void aSoundRequestThatNeedsAnEncoderIsUnimplemented() {
    assertThatThrownBy(() -> StartRequest.ofV2(v2("room_name:'r' template:{} outputs:{file:{}}")))
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> assertThat(failure.code()).isEqualTo(RpcCode.UNIMPLEMENTED))
        .hasMessageContaining("PASSTHROUGH");
  }

  private static void assertRefused(ThrowingCallable call, String field) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> assertThat(failure.code()).isEqualTo(RpcCode.INVALID_ARGUMENT))
        .hasMessage("request has missing or invalid field: " + field);
  }

  private static TrackEgressRequest v1(String text) throws TextFormat.ParseException {
    return TextFormat.parse(text, TrackEgressRequest.class);
  }

  private static StartEgressRequest v2(String text) throws TextFormat.ParseException {
    return TextFormat.parse(text, StartEgressRequest.class);
  }
}
