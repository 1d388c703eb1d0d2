package io.spillway.rtc.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.media.Codec;
import io.spillway.rtc.ice.RemoteParameters.Setup;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.signal.Negotiation.Wanted;
import java.util.List;
import java.util.Map;
import livekit.LivekitRtc.SessionDescription;
import org.junit.jupiter.api.Test;

class NegotiatorTest {
  private static final SdpWriter.Side SIDE =
      new SdpWriter.Side("u", "p", "AA:BB", "active", List.of());
  private static final String HEAD =
      "v=0\r\na=fingerprint:sha-256 CC:DD\r\na=ice-ufrag:su\r\na=ice-pwd:sp\r\n";

  @Test
  void theFirstOfferHoldsTheKindThatTheSidSuggests() {
    assertThat(kinds(new SingleNegotiator("TR_AMx"))).containsExactly("audio");
    assertThat(kinds(new SingleNegotiator("TR_VCx"))).containsExactly("video");
    assertThat(kinds(new SingleNegotiator("TR_x"))).containsExactly("audio", "video");
  }

  private static List<String> kinds(SingleNegotiator negotiator) {
    return Sdp.parse(negotiator.offer(SIDE).getSdp()).media().stream().map(SdpMedia::kind).toList();
  }

  @Test
  void theOfferAfterTheTrackIsKnownHoldsItsCodecOnlyAndAddsAMissingSection() {
    SingleNegotiator negotiator = new SingleNegotiator("TR_AMx");
    negotiator.offer(SIDE);
    negotiator.want(new Wanted("TR_AMx", Codec.H264));
    Sdp second = Sdp.parse(negotiator.offer(SIDE).getSdp());
    assertThat(second.media()).extracting(SdpMedia::kind).containsExactly("audio", "video");
    assertThat(second.media().get(1).rtpMaps().values())
        .allMatch(map -> map.startsWith("H264/") || map.startsWith("rtx/"));
  }

  @Test
  void theAnswerNegotiatesOnceTheServerSendsTheWantedTrack() {
    SingleNegotiator negotiator = new SingleNegotiator("TR_AMx");
    negotiator.offer(SIDE);
    negotiator.want(new Wanted("TR_AMx", Codec.OPUS));
    assertThat(negotiator.offerPending()).isTrue();
    Negotiation nothing = negotiator.answer(answer(1, "a=inactive", Map.of()));
    assertThat(nothing.payloadTypes()).isEmpty();
    assertThat(nothing.remote().ufrag()).isEqualTo("su");
    assertThat(nothing.remote().setup()).isEqualTo(Setup.PASSIVE);
    assertThat(negotiator.offerPending()).isFalse();

    negotiator.offer(SIDE);
    assertThat(negotiator.answer(answer(2, "a=sendonly", Map.of("0", "TR_other"))).payloadTypes())
        .isEmpty();
    negotiator.offer(SIDE);
    assertThat(negotiator.answer(answer(3, "a=sendonly", Map.of("0", "TR_AMx"))).payloadTypes())
        .extracting(PayloadType::number)
        .containsExactly(111);
  }

  private static SessionDescription answer(int id, String direction, Map<String, String> tracks) {
    return SessionDescription.newBuilder()
        .setType("answer")
        .setId(id)
        .putAllMidToTrackId(tracks)
        .setSdp(
            HEAD
                + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=setup:passive\r\n"
                + direction
                + "\r\na=rtpmap:96 opus/48000/2\r\n")
        .build();
  }

  @Test
  void anAnswerToAnotherOfferOrWithoutTransportIsRefused() {
    SingleNegotiator negotiator = new SingleNegotiator("TR_AMx");
    negotiator.offer(SIDE);
    assertThatThrownBy(() -> negotiator.answer(answer(9, "a=inactive", Map.of())))
        .isInstanceOf(SdpException.class);
    SessionDescription bare =
        SessionDescription.newBuilder().setType("answer").setId(1).setSdp("v=0\r\n").build();
    assertThatThrownBy(() -> negotiator.answer(bare))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("fingerprint");
  }

  @Test
  void theClassicAnswerKeepsTheTracksCodecAndRefusesDataChannels() {
    ClassicNegotiator negotiator = new ClassicNegotiator();
    negotiator.want(new Wanted("TR_V", Codec.VP9));
    SessionDescription offer =
        SessionDescription.newBuilder()
            .setType("offer")
            .setId(7)
            .putMidToTrackId("1", "TR_V")
            .setSdp(
                HEAD
                    + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n"
                    + "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\na=mid:1\r\na=sendonly\r\n"
                    + "a=setup:actpass\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n"
                    + "a=fmtp:97 apt=96\r\na=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=0\r\n"
                    + "a=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n")
            .build();
    ClassicNegotiator.Answered answered = negotiator.answer(offer, SIDE);
    assertThat(answered.answer().getId()).isEqualTo(7);
    assertThat(answered.settled().payloadTypes())
        .extracting(PayloadType::number)
        .containsExactly(98, 99);
    Sdp answer = Sdp.parse(answered.answer().getSdp());
    assertThat(answer.media()).extracting(SdpMedia::port).containsExactly(0, 9);
    assertThat(answer.media().get(1).formats()).containsExactly("98", "99");
    assertThat(answered.answer().getSdp()).contains("a=group:BUNDLE 1\r\n");
  }

  @Test
  void beforeTheTrackIsKnownTheClassicAnswerTakesNothing() {
    SessionDescription offer =
        SessionDescription.newBuilder()
            .setType("offer")
            .setId(1)
            .setSdp(
                HEAD
                    + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n")
            .build();
    ClassicNegotiator.Answered answered = new ClassicNegotiator().answer(offer, SIDE);
    assertThat(answered.settled().payloadTypes()).isEmpty();
    assertThat(Sdp.parse(answered.answer().getSdp()).media().getFirst().port()).isZero();
  }
}
