package io.spillway.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelsTest {
  @Test
  void namesJoinThePartsThatAreThere() {
    assertThat(Channels.request("EgressInternal", "StartEgress", ""))
        .isEqualTo("EgressInternal|StartEgress|REQ");
    assertThat(Channels.request("EgressHandler", "StopEgress", "EG_abc"))
        .isEqualTo("EgressHandler|StopEgress|EG_abc|REQ");
    assertThat(Channels.claimResponse("IOInfo", "UpdateEgress", ""))
        .isEqualTo("IOInfo|UpdateEgress|RCLAIM");
    assertThat(Channels.claim("IOInfo", "CLI_1")).isEqualTo("IOInfo|CLI_1|CLAIM");
    assertThat(Channels.response("IOInfo", "CLI_1")).isEqualTo("IOInfo|CLI_1|RES");
  }

  /** The values are what psrpc 0.7.1 itself made of these topics (interop/psrpc-peer vectors). */
  @ParameterizedTest
  @CsvSource({
    "eu-west, S|M|euu+002dwest|REQ",
    "a|b, S|M|au+007cb|REQ",
    "zürich, S|M|zu+00fcrich|REQ",
    "😀, S|M|U+0001f600|REQ",
    "ok_9, S|M|ok_9|REQ"
  })
  void whatIsNoLetterOrDigitIsWrittenAsItsCodePoint(String topic, String channel) {
    assertThat(Channels.request("S", "M", topic)).isEqualTo(channel);
  }

  @Test
  void halfASurrogatePairIsWrittenAsTheReplacementCharacter() {
    assertThat(Channels.request("S", "M", "\uD83D")).isEqualTo("S|M|u+fffd|REQ");
  }
}
