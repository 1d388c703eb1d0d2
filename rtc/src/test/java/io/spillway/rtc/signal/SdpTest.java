package io.spillway.rtc.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.media.Codec;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.signal.SdpMedia.Direction;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SdpTest {
  private static final String OFFER =
      String.join(
          "\r\n",
          "v=0",
          "o=- 42 1 IN IP4 0.0.0.0",
          "s=-",
          "t=0 0",
          "a=fingerprint:sha-256 AA:BB",
          "a=ice-lite",
          "a=group:BUNDLE 0 1",
          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
          "a=mid:0",
          "a=ice-ufrag:uf",
          "a=ice-pwd:pw",
          "a=setup:actpass",
          "a=candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host",
          "a=candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host",
          "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 102 103",
          "a=mid:1",
          "a=sendonly",
          "a=rtpmap:96 VP8/90000",
          "a=rtpmap:97 rtx/90000",
          "a=fmtp:97 apt=96",
          "a=rtpmap:98 H264/90000",
          "a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
          "a=rtpmap:99 rtx/90000",
          "a=fmtp:99 apt=98",
          "a=rtpmap:102 H264/90000",
          "a=fmtp:102 packetization-mode=0; profile-level-id=42E01F",
          "a=rtpmap:103 rtx/90000",
          "a=fmtp:103 apt=102",
          "");

  @Test
  void readsWhatTheTransportNeedsWhereverItStands() {
    Sdp sdp = Sdp.parse(OFFER);
    assertThat(sdp.bundled("ice-ufrag")).contains("uf");
    assertThat(sdp.bundled("fingerprint")).contains("sha-256 AA:BB");
    assertThat(sdp.iceLite()).isTrue();
    assertThat(sdp.candidates())
        .containsExactly("candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host");
    assertThat(sdp.media()).hasSize(2);
    assertThat(sdp.media().get(1).mid()).isEqualTo("1");
    assertThat(sdp.media().get(1).direction()).isEqualTo(Direction.SENDONLY);
    assertThat(sdp.media().getFirst().direction()).isEqualTo(Direction.SENDRECV);
  }

  @Test
  void findsEveryPayloadTypeOfOneCodecWithItsRetransmission() {
    List<RtpFormat> formats = RtpFormat.of(Sdp.parse(OFFER).media().get(1), Codec.H264);
    assertThat(formats).extracting(RtpFormat::number).containsExactly(98, 102, 99, 103);
    assertThat(formats)
        .extracting(RtpFormat::kind)
        .containsExactly(
            PayloadType.Kind.MEDIA,
            PayloadType.Kind.MEDIA,
            PayloadType.Kind.RTX,
            PayloadType.Kind.RTX);
    assertThat(formats.get(3).associated()).isEqualTo(102);
    assertThat(formats.get(1).toPayloadType().fmtp())
        .containsEntry("packetization-mode", "0")
        .containsEntry("profile-level-id", "42E01F");
  }

  @Test
  void redundantAudioCountsAsOpus() {
    Sdp sdp =
        Sdp.parse(
            """
            m=audio 9 UDP/TLS/RTP/SAVPF 63 111 0
            a=rtpmap:63 red/48000/2
            a=fmtp:63 111/111
            a=rtpmap:111 OPUS/48000/2
            """);
    assertThat(RtpFormat.of(sdp.media().getFirst(), Codec.OPUS))
        .extracting(RtpFormat::kind)
        .containsExactly(PayloadType.Kind.RED, PayloadType.Kind.MEDIA);
    assertThat(RtpFormat.of(sdp.media().getFirst(), Codec.PCMU))
        .extracting(RtpFormat::number)
        .containsExactly(0);
  }

  @Test
  void whatWeWriteWeReadBackTheSame() {
    SdpWriter.Side side =
        new SdpWriter.Side(
            "u", "p", "AA:BB", "active", List.of("candidate:1 1 udp 1 127.0.0.1 4000 typ host"));
    List<RtpFormat> vp9 = RtpFormat.receivable(Codec.VP9);
    String text =
        SdpWriter.write(side, 3, List.of(SdpWriter.Section.receiving(Codec.Kind.VIDEO, "7", vp9)));
    SdpMedia section = Sdp.parse(text).media().getFirst();
    assertThat(text).contains("a=group:BUNDLE 7\r\n").doesNotContain("m=application");
    assertThat(section.direction()).isEqualTo(Direction.RECVONLY);
    assertThat(RtpFormat.of(section, Codec.VP9)).containsExactlyInAnyOrderElementsOf(vp9);
  }

  @Test
  void payloadTypesWeOfferAreUniqueOverAllCodecs() {
    List<Integer> numbers =
        List.of(Codec.Kind.values()).stream()
            .flatMap(kind -> RtpFormat.receivable(kind).stream())
            .map(RtpFormat::number)
            .toList();
    assertThat(numbers).doesNotHaveDuplicates().allMatch(n -> n >= 0 && n < 128);
    // RFC 5761: these would be taken for RTCP when it shares the port.
    assertThat(numbers).noneMatch(n -> n >= 64 && n <= 95);
  }

  @Test
  void brokenLinesArePassedOverAndBrokenSectionsNamed() {
    Sdp sdp =
        Sdp.parse(
            """
            nonsense
            m=video 9 X abc 300 -1 96
            a=rtpmap
            a=rtpmap:x VP8/90000
            a=rtpmap:999999999999 VP8/90000
            a=fmtp:96
            a=fmtp:96 ;;=;a
            a=rtpmap:96 VP8/90000
            """);
    assertThat(RtpFormat.of(sdp.media().getFirst(), Codec.VP8))
        .extracting(RtpFormat::number)
        .containsExactly(96);
    assertThatThrownBy(() -> Sdp.parse("m=video")).isInstanceOf(SdpException.class);
    assertThatThrownBy(() -> Sdp.parse("m=a 1 b\n".repeat(2_000))).isInstanceOf(SdpException.class);
  }

  @Test
  void anyBytesGiveADescriptionOrAnSdpException() {
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder(OFFER);
      for (int i = 0; i < 40; i++) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(256));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, (char) random.nextInt(128));
        }
      }
      try {
        Sdp sdp = Sdp.parse(text.toString());
        for (SdpMedia section : sdp.media()) {
          for (Codec codec : Codec.values()) {
            RtpFormat.of(section, codec).forEach(RtpFormat::toPayloadType);
          }
        }
        Negotiation.remote(sdp);
      } catch (SdpException expected) {
        assertThat(expected.getMessage()).as("seed %d", seed).isNotBlank();
      }
    }
  }
}
