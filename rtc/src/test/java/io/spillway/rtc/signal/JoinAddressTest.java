package io.spillway.rtc.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import livekit.LivekitRtc.JoinRequest;
import livekit.LivekitRtc.SessionDescription;
import livekit.LivekitRtc.WrappedJoinRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinAddressTest {
  @ParameterizedTest
  @CsvSource({
    "http://host:7880, ws://host:7880",
    "https://host/, wss://host",
    "ws://host, ws://host",
    "wss://host/livekit/, wss://host/livekit"
  })
  void everySchemeOfAServerUrlLeadsToAWebSocket(String given, String expected) {
    assertThat(JoinAddress.base(given)).isEqualTo(expected);
  }

  @Test
  void anotherSchemeIsRefusedByName() {
    assertThatThrownBy(() -> JoinAddress.base("rtmp://x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rtmp://x");
  }

  @Test
  void theJoinRequestCarriesTheOfferAndNoWishForOtherTracks() throws Exception {
    SessionDescription offer = SessionDescription.newBuilder().setSdp("v=0").setId(1).build();
    URI address = JoinAddress.single("ws://host:1", Optional.of(offer), List.of());
    assertThat(address.getPath()).isEqualTo("/rtc/v1");
    String encoded = address.getRawQuery().substring("join_request=".length());
    byte[] bytes =
        Base64.getUrlDecoder().decode(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
    JoinRequest join = JoinRequest.parseFrom(WrappedJoinRequest.parseFrom(bytes).getJoinRequest());
    assertThat(join.getPublisherOffer()).isEqualTo(offer);
    assertThat(join.getConnectionSettings().getAutoSubscribe()).isFalse();
    assertThat(join.getClientInfo().getProtocol()).isEqualTo(JoinAddress.PROTOCOL);
  }

  @Test
  void aClassicResumeNamesTheParticipant() {
    assertThat(JoinAddress.classicResume("ws://host", "PA_1").toString())
        .startsWith("ws://host/rtc?")
        .contains("reconnect=1", "sid=PA_1", "auto_subscribe=0");
  }
}
