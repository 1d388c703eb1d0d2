package io.spillway.node.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.spillway.protocol.livekit.AudioConfig;
import io.spillway.protocol.livekit.AudioRoute;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.EncodedFileType;
import io.spillway.protocol.livekit.EncodingOptionsPreset;
import io.spillway.protocol.livekit.FileOutput;
import io.spillway.protocol.livekit.MediaSource;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.ParticipantVideo;
import io.spillway.protocol.livekit.S3Upload;
import io.spillway.protocol.livekit.StorageConfig;
import io.spillway.protocol.livekit.StreamOutput;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.livekit.WebEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PlanReaderTest {
  private static final long NOW = 1_700_000_000_000_000_000L;
  private final PlanReader reader = new PlanReader("ws://127.0.0.1:7880");

  @Test
  void aTrackRequestBecomesAPlanWithItsFirstStatus() {
    TrackPlan plan = reader.read(track(_ -> {}).setRetryCount(2).build(), NOW);

    assertThat(plan.egressId()).isEqualTo("EG_1");
    assertThat(plan.epoch()).isEqualTo(3);
    assertThat(plan.roomName()).isEqualTo("room");
    assertThat(plan.trackId()).isEqualTo("TR_1");
    assertThat(plan.serverUrl()).isEqualTo("ws://127.0.0.1:7880");
    assertThat(plan.filepath()).isEqualTo("out/{track_id}");
    assertThat(plan.info().getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING);
    assertThat(plan.info().getTrack().getTrackId()).isEqualTo("TR_1");
    assertThat(plan.info().getUpdatedAt()).isEqualTo(NOW);
    assertThat(plan.info().getFileResultsCount()).isEqualTo(1);
  }

  @Test
  void aPassthroughRequestOfOneVideoOrOneAudioTrackBecomesAPlan() {
    assertThat(reader.read(passthrough(_ -> {}), NOW).trackId()).isEqualTo("TR_V");
    assertThat(
            reader
                .read(
                    passthrough(egress ->
                        egress.setMedia(audio(AudioRoute.newBuilder().setTrackId("TR_A")))),
                    NOW)
                .trackId())
        .isEqualTo("TR_A");
  }

  static Stream<Arguments> refused() {
    String invalid = "request has missing or invalid field: ";
    String later = " is not implemented by this egress node yet";
    return Stream.of(
        Arguments.of(
            track(t -> t.clearTrackId()).build(), RpcCode.INVALID_ARGUMENT, invalid + "track_id"),
        Arguments.of(
            track(t -> t.clearOutput()).build(), RpcCode.INVALID_ARGUMENT, invalid + "output"),
        Arguments.of(
            track(t -> t.clearRoomName()).build(), RpcCode.INVALID_ARGUMENT, invalid + "room_name"),
        Arguments.of(
            track(_ -> {}).clearEgressId().build(),
            RpcCode.INVALID_ARGUMENT,
            invalid + "egress_id"),
        Arguments.of(
            track(_ -> {}).clearRequest().build(), RpcCode.INVALID_ARGUMENT, invalid + "request"),
        Arguments.of(
            track(t -> t.setWebsocketUrl("wss://a")).build(),
            RpcCode.UNIMPLEMENTED,
            "WebSocket output of a track" + later),
        Arguments.of(
            track(t -> t.getFileBuilder().setS3(S3Upload.newBuilder().setBucket("b"))).build(),
            RpcCode.UNIMPLEMENTED,
            "upload to cloud storage" + later),
        Arguments.of(
            track(_ -> {}).setWeb(WebEgressRequest.getDefaultInstance()).build(),
            RpcCode.UNIMPLEMENTED,
            "Web egress" + later),
        Arguments.of(
            passthrough(e -> e.setPreset(EncodingOptionsPreset.H264_720P_30)),
            RpcCode.UNIMPLEMENTED,
            "StartEgress with any preset but PASSTHROUGH" + later),
        Arguments.of(
            passthrough(e -> e.clearMedia()),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough source"),
        Arguments.of(
            passthrough(e ->
                e.getMediaBuilder().setParticipantVideo(ParticipantVideo.getDefaultInstance())),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough participant_video"),
        Arguments.of(
            passthrough(
                e -> e.getMediaBuilder().setAudio(AudioConfig.newBuilder().setCaptureAll(true))),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough capture_all"),
        Arguments.of(
            passthrough(
                e -> e.setMedia(audio(AudioRoute.newBuilder().setParticipantIdentity("bob")))),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough audio route match"),
        Arguments.of(
            passthrough(e ->
                e.setMedia(
                    audio(AudioRoute.newBuilder().setTrackId("TR_A")).setVideoTrackId("TR_V"))),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough track_id"),
        Arguments.of(
            passthrough(e -> e.clearOutputs()),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough outputs"),
        Arguments.of(
            passthrough(e ->
                e.setOutputs(0, Output.newBuilder().setStream(StreamOutput.getDefaultInstance()))),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough output"),
        Arguments.of(
            passthrough(e ->
                e.setOutputs(
                    0,
                    Output.newBuilder()
                        .setFile(FileOutput.newBuilder().setFileType(EncodedFileType.MP4)))),
            RpcCode.INVALID_ARGUMENT,
            invalid + "passthrough file_type"),
        Arguments.of(
            passthrough(e ->
                e.setStorage(
                    StorageConfig.newBuilder().setS3(S3Upload.newBuilder().setBucket("b")))),
            RpcCode.UNIMPLEMENTED,
            "upload to cloud storage" + later));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("refused")
  void whatCantBeDoneIsRefusedByName(StartEgressRequest request, RpcCode code, String text) {
    assertThatExceptionOfType(RpcException.class)
        .isThrownBy(() -> reader.read(request, NOW))
        .withMessage(text)
        .extracting(RpcException::code)
        .isEqualTo(code);
  }

  private static StartEgressRequest.Builder track(Consumer<TrackEgressRequest.Builder> change) {
    TrackEgressRequest.Builder track =
        TrackEgressRequest.newBuilder()
            .setRoomName("room")
            .setTrackId("TR_1")
            .setFile(DirectFileOutput.newBuilder().setFilepath("out/{track_id}"));
    change.accept(track);
    return StartEgressRequest.newBuilder().setEgressId("EG_1").setRoomId("RM_1").setTrack(track);
  }

  private static StartEgressRequest passthrough(
      Consumer<io.spillway.protocol.livekit.StartEgressRequest.Builder> change) {
    var egress =
        io.spillway.protocol.livekit.StartEgressRequest.newBuilder()
            .setRoomName("room")
            .setPreset(EncodingOptionsPreset.PASSTHROUGH)
            .setMedia(MediaSource.newBuilder().setVideoTrackId("TR_V"))
            .addOutputs(Output.newBuilder().setFile(FileOutput.newBuilder().setFilepath("a/b")));
    change.accept(egress);
    return StartEgressRequest.newBuilder().setEgressId("EG_1").setEgress(egress).build();
  }

  private static MediaSource.Builder audio(AudioRoute.Builder route) {
    return MediaSource.newBuilder().setAudio(AudioConfig.newBuilder().addRoutes(route));
  }
}
