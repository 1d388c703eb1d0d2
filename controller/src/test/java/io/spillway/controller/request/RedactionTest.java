package io.spillway.controller.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedactionTest {
  private static final String S3 =
      "{access_key:'A' secret:'S' session_token:'T' assume_role_external_id:'E' bucket:'b'"
          + " proxy:{url:'http://p' username:'u' password:'P'}}";
  private static final String S3_REDACTED =
      "{access_key:'{access_key}' secret:'{secret}' session_token:'{session_token}'"
          + " assume_role_external_id:'{external_id}' bucket:'b'"
          + " proxy:{url:'http://p' username:'u' password:'{password}'}}";

  @Test
  void eachProvidersSecretsOfATrackRequestBecomeTheirNames() throws Exception {
    assertTrack("file:{filepath:'x' s3:" + S3 + "}", "file:{filepath:'x' s3:" + S3_REDACTED + "}");
    assertTrack(
        "file:{gcp:{credentials:'C' bucket:'b'}}",
        "file:{gcp:{credentials:'{credentials}' bucket:'b'}}");
    assertTrack(
        "file:{azure:{account_name:'N' account_key:'K' container_name:'c'}}",
        "file:{azure:{account_name:'{account_name}' account_key:'{account_key}'"
            + " container_name:'c'}}");
    assertTrack(
        "file:{aliOSS:{access_key:'A' secret:'S'}}",
        "file:{aliOSS:{access_key:'{access_key}' secret:'{secret}'}}");
    assertTrack("file:{s3:{bucket:'b'}}", "file:{s3:{bucket:'b'}}");
    assertTrack(
        "websocket_url:'wss://h/audio?callId=12&token=7d&x'",
        "websocket_url:'wss://h/audio?callId={...}&token={...}&x'");
  }

  @Test
  void aV2RequestLosesItsSecretsAtBothPlaces() throws Exception {
    StartEgressRequest request =
        v2("storage:{s3:" + S3 + "} outputs:{file:{} storage:{gcp:{credentials:'C'}}}");
    StartEgressRequest expected =
        v2(
            "storage:{s3:"
                + S3_REDACTED
                + "} outputs:{file:{} storage:{gcp:{credentials:'{credentials}'}}}");
    assertThat(Redaction.of(request)).isEqualTo(expected);
    EgressInfo info = EgressInfo.newBuilder().setEgress(request).build();
    assertThat(Redaction.of(info).getEgress()).isEqualTo(expected);
    assertThat(Redaction.of(Redaction.of(info))).isEqualTo(Redaction.of(info));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "rtmp://h/app/stream, rtmp://h/app/{st...am}",
    "rtmps://h:443/a/b/0123456789, rtmps://h:443/a/b/{012...789}",
    "rtmp://h/app/k live=1, rtmp://h/app/{...} live=1",
    "mux://secretkey, mux://{sec...key}",
    "twitch://abcd, twitch://{a...d}",
    "srt://h:9000?streamid=abc&mode=caller, srt://h:9000?streamid={...}&mode={...}",
    "https://user:pa@ss@h/p, https://{...}@h/p",
    "https://h/p@q, https://h/p@q",
  })
  void streamKeysKeepAFewCharactersAtEitherEnd(String url, String redacted) {
    assertThat(Redaction.streamUrl(url)).isEqualTo(redacted);
  }

  private static void assertTrack(String request, String redacted) throws Exception {
    TrackEgressRequest full = TextFormat.parse(request, TrackEgressRequest.class);
    TrackEgressRequest expected = TextFormat.parse(redacted, TrackEgressRequest.class);
    assertThat(Redaction.of(full)).isEqualTo(expected);
    assertThat(Redaction.of(expected)).as("done twice").isEqualTo(expected);
  }

  private static StartEgressRequest v2(String text) throws TextFormat.ParseException {
    return TextFormat.parse(text, StartEgressRequest.class);
  }
}
