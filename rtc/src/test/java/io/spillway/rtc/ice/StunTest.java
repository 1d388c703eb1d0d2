package io.spillway.rtc.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StunTest {
  private static final String PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
  private static final String TRANSACTION = "b7e7a701bc34d686fa87dfae";

  @Test
  void theSampleRequestOfRfc5769IsRead() {
    StunMessage request =
        parse(
                "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
                    + "002400046e0001ff80290008932ff9b151263b36000600096576746a3a683676592020200008"
                    + "00149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf")
            .orElseThrow();
    assertThat(request.type()).isEqualTo(StunMessage.BINDING_REQUEST);
    assertThat(request.username()).contains("evtj:h6vY");
    assertThat(request.priority()).hasValue(0x6e0001ffL);
    assertThat(request.tieBreaker(StunMessage.ICE_CONTROLLED)).hasValue(0x932ff9b151263b36L);
    assertThat(request.tieBreaker(StunMessage.ICE_CONTROLLING)).isEmpty();
    assertThat(request.hasUseCandidate()).isFalse();
    assertThat(request.isAuthentic(PASSWORD)).isTrue();
    assertThat(request.isAuthentic(PASSWORD + "x")).isFalse();
  }

  @Test
  void theSampleResponsesOfRfc5769AreRead() throws Exception {
    StunMessage four =
        parse(
                "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
                    + "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
                    + "80280004c07d4c96")
            .orElseThrow();
    assertThat(four.isAuthentic(PASSWORD)).isTrue();
    assertThat(four.isTransaction(HexFormat.of().parseHex(TRANSACTION))).isTrue();
    assertThat(four.mappedAddress())
        .contains(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 32853));

    StunMessage six =
        parse(
                "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
                    + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                    + "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c")
            .orElseThrow();
    assertThat(six.isAuthentic(PASSWORD)).isTrue();
    assertThat(six.mappedAddress())
        .contains(
            new InetSocketAddress(
                InetAddress.ofLiteral("2001:db8:1234:5678:11:2233:4455:6677"), 32853));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::7"), 4000);
    byte[] bytes =
        new StunWriter(StunMessage.BINDING_ERROR, new byte[12])
            .username("ünicode:x")
            .priority(0xfffffffeL)
            .role(StunMessage.ICE_CONTROLLING, -5)
            .useCandidate()
            .error(487, "Role Conflict")
            .mappedAddress(address)
            .finish("secret");
    StunMessage read = StunMessage.parse(bytes, 0, bytes.length).orElseThrow();
    assertThat(read.username()).contains("ünicode:x");
    assertThat(read.priority()).hasValue(0xfffffffeL);
    assertThat(read.tieBreaker(StunMessage.ICE_CONTROLLING)).hasValue(-5);
    assertThat(read.hasUseCandidate()).isTrue();
    assertThat(read.errorCode()).isEqualTo(487);
    assertThat(read.mappedAddress()).contains(address);
    assertThat(read.isAuthentic("secret")).isTrue();
  }

  @Test
  void whatStandsBehindTheIntegrityIsNotBelieved() {
    byte[] honest =
        new StunWriter(StunMessage.BINDING_REQUEST, new byte[12]).username("a:b").finish("secret");
    byte[] forged = new byte[honest.length - 8 + 4]; // fingerprint off, USE-CANDIDATE on
    System.arraycopy(honest, 0, forged, 0, honest.length - 8);
    forged[honest.length - 8 + 1] = StunMessage.USE_CANDIDATE;
    forged[3] = (byte) (forged.length - 20);
    StunMessage read = StunMessage.parse(forged, 0, forged.length).orElseThrow();
    assertThat(read.isAuthentic("secret")).isTrue();
    assertThat(read.hasUseCandidate()).isFalse();
  }

  @Test
  void noDamagedOrRandomMessageThrowsOrPassesForAuthentic() {
    long seed = System.currentTimeMillis();
    Random chance = new Random(seed);
    byte[] honest =
        new StunWriter(StunMessage.BINDING_SUCCESS, new byte[12])
            .username("a:b")
            .error(400, "x")
            .mappedAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
            .finish("secret");
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = honest.clone();
      for (int flips = 1 + chance.nextInt(3); flips > 0; flips--) {
        bytes[chance.nextInt(bytes.length)] ^= (byte) (1 + chance.nextInt(255));
      }
      int length = chance.nextInt(4) == 0 ? chance.nextInt(bytes.length) : bytes.length;
      int covered = honest.length - 8; // nothing vouches for the fingerprint behind
      boolean unchanged =
          Arrays.equals(bytes, 0, covered, honest, 0, covered) && length == bytes.length;
      StunMessage.parse(bytes, 0, length)
          .ifPresent(message -> {
            readAll(message);
            assertThat(message.isAuthentic("secret")).as("seed %d", seed).isEqualTo(unchanged);
          });
      // without the fingerprint every damaged message gets as far as its attributes
      int shorter = honest.length - 8;
      byte[] bare = Arrays.copyOf(bytes, shorter);
      bare[2] = 0;
      bare[3] = (byte) (shorter - 20);
      StunMessage.parse(bare, 0, shorter).ifPresent(StunTest::readAll);
    }
  }

  @Test
  void candidateLinesAreReadAndOthersAreLeftOut() {
    assertThat(Candidate.parse("a=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host"))
        .contains(
            new Candidate(
                new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4000), 2130706431L));
    assertThat(Candidate.parse("candidate:x 1 UDP 5 2001:db8::1 1 typ srflx raddr 1.2.3.4 rport 5"))
        .isPresent();
    assertThat(Candidate.parse("candidate:1 2 udp 1 192.0.2.1 4000 typ host")).isEmpty();
    assertThat(Candidate.parse("candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active"))
        .isEmpty();
    assertThat(Candidate.parse("candidate:1 1 udp 1 abc.local 4000 typ host")).isEmpty();
    assertThat(Candidate.parse("candidate:1 1 udp 1 192.0.2.1 70000 typ host")).isEmpty();
    assertThat(Candidate.parse("candidate:1 1 udp x 192.0.2.1 4000 typ host")).isEmpty();
    assertThat(Candidate.parse("candidate:1 1 udp")).isEmpty();
    assertThat(Candidate.parse("")).isEmpty();
  }

  @Test
  void ourCandidateLinesAreReadableAndOrdered() {
    var lines =
        Candidate.hostLines(
            List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1")), 4000);
    assertThat(lines.getFirst()).isEqualTo("candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host");
    assertThat(Candidate.parse(lines.get(1)).orElseThrow().priority()).isLessThan(2130706431L);
  }

  private static void readAll(StunMessage message) {
    var unusedName = message.username();
    var unusedPriority = message.priority();
    var unusedAddress = message.mappedAddress();
    var unusedRole = message.tieBreaker(StunMessage.ICE_CONTROLLED);
    int unusedCode = message.errorCode();
    boolean unusedUse = message.hasUseCandidate();
    boolean unusedAuthentic = message.isAuthentic("other");
  }

  private static Optional<StunMessage> parse(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return StunMessage.parse(bytes, 0, bytes.length);
  }
}
