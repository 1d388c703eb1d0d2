package io.spillway.controller.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EncodedFileOutput;
import io.spillway.protocol.livekit.RoomCompositeEgressRequest;
import io.spillway.protocol.livekit.S3Upload;
import io.spillway.protocol.livekit.StreamOutput;
import io.spillway.protocol.livekit.WebEgressRequest;
import io.spillway.protocol.livekit.WebhookConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MaskedTest {
  @Test
  void secretsThatANodeForgotToRedactAreBlottedOut() {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setRoomComposite(
                RoomCompositeEgressRequest.newBuilder()
                    .setRoomName("studio")
                    .addFileOutputs(
                        EncodedFileOutput.newBuilder()
                            .setFilepath("a.mp4")
                            .setS3(
                                S3Upload.newBuilder()
                                    .setAccessKey("AKIA-KEY")
                                    .setSecret("TOP-SECRET")
                                    .setSessionToken("SESSION-TOKEN")
                                    .setBucket("bucket")))
                    .addStreamOutputs(
                        StreamOutput.newBuilder()
                            .addUrls("rtmp://live.example.com/app/STREAM-KEY-1234567890"))
                    .addWebhooks(
                        WebhookConfig.newBuilder()
                            .setUrl("https://user:PASS-WORD@example.com/hook?sig=SIGNATURE")
                            .setSigningKey("SIGNING-KEY")))
            .build();

    String shown = Masked.request(info).toString();

    assertThat(shown)
        .contains("studio", "a.mp4", "bucket", "rtmp://live.example.com/app/", "{hidden}")
        .doesNotContain(
            "AKIA-KEY",
            "TOP-SECRET",
            "SESSION-TOKEN",
            "STREAM-KEY-1234567890",
            "PASS-WORD",
            "SIGNATURE",
            "SIGNING-KEY");
  }

  @Test
  void aPageThatIsRecordedIsShownWithoutItsQuery() {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setWeb(WebEgressRequest.newBuilder().setUrl("https://example.com/board?token=HIDE-ME"))
            .build();

    assertThat(Masked.request(info).toString())
        .contains("example.com/board")
        .doesNotContain("HIDE-ME");
    assertThat(EgressViews.row(info, Optional.empty()).path("source").asString(""))
        .isEqualTo("https://example.com/board?…");
  }

  @Test
  void whatIsRedactedAlreadyStaysAsItIs() {
    assertThat(Masked.address("rtmp://live.example.com/app/{str...890}"))
        .isEqualTo("rtmp://live.example.com/app/{str...890}");
  }

  @Test
  void onlyWebAddressesBecomeLinksAndWithoutTheirKeys() {
    assertThat(Masked.link("https://b.s3.amazonaws.com/a.ogg?X-Amz-Signature=abc"))
        .isEqualTo("https://b.s3.amazonaws.com/a.ogg");
    assertThat(Masked.link("/data/a.ogg")).isEmpty();
    assertThat(Masked.link("javascript:alert(1)")).isEmpty();
    assertThat(Masked.link("https://user:password@example.com/a.ogg")).isEmpty();
  }
}
