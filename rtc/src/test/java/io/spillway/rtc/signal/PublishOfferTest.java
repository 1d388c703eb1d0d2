package io.spillway.rtc.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.rtc.PublishRequest;
import io.spillway.rtc.signal.PublishOffer.Outgoing;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishOfferTest {
  private static final SdpWriter.Side SIDE =
      new SdpWriter.Side("u", "p", "AA:BB", "active", List.of());

  @Test
  void eachSectionOffersTheCodecsOfItsKindAndItsOwnFirst() {
    PublishOffer offer =
        new PublishOffer(
            "cname",
            List.of(outgoing(Codec.H265, 0), outgoing(Codec.OPUS, 1), outgoing(Codec.H264, 2)));

    List<SdpMedia> sections = Sdp.parse(offer.offer(SIDE).getSdp()).media();

    assertThat(codecs(sections.get(0))).containsExactly("H265", "rtx", "H264", "rtx");
    assertThat(codecs(sections.get(1))).containsExactly("opus");
    assertThat(codecs(sections.get(2))).containsExactly("H264", "rtx", "H265", "rtx");
  }

  private static List<String> codecs(SdpMedia section) {
    return section.rtpMaps().values().stream().map(map -> map.replaceAll("/.*", "")).toList();
  }

  private static Outgoing outgoing(Codec codec, int index) {
    boolean audio = codec.kind() == Codec.Kind.AUDIO;
    return new Outgoing(
        new PublishRequest.Track("t" + index, codec, "unknown", audio ? 0 : 640, 360, false),
        "client-" + index,
        100 + index,
        audio ? 0 : 200 + index,
        PublishOffer.format(codec));
  }
}
