package io.spillway.rtc.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SrtpRoundTripTest {
  private static final int SSRC = 0xcafe0001;
  private final Random random = new Random(42);
  private final byte[] clear = new byte[2200];

  private static final class Sealed {
    private final int number;
    private final byte[] plain;
    private final byte[] bytes;

    Sealed(int number, byte[] plain, byte[] bytes) {
      this.number = number;
      this.plain = plain;
      this.bytes = bytes;
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void packetsComeOutAsTheyWentInThroughLossReorderingAndThreeRollOvers(SrtpProfile profile) {
    SrtpKeyMaterial keys = keys(profile);
    SrtpOutbound out = keys.outbound(false);
    SrtpInbound in = keys.inbound(false);
    int opened = 0;
    int sent = 0;
    for (int block = 0; block < 2000; block++) {
      List<Sealed> batch = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        batch.add(seal(out, 60_000 + block * 100 + i, 20 + random.nextInt(200)));
      }
      batch.removeIf(packet -> random.nextInt(20) == 0);
      Collections.shuffle(batch, random);
      sent += batch.size();
      for (Sealed packet : batch) {
        int length = in.rtp(packet.bytes, 0, packet.bytes.length, clear);
        assertThat(length).as("packet %d", packet.number).isEqualTo(packet.plain.length);
        assertThat(Arrays.equals(clear, 0, length, packet.plain, 0, length)).isTrue();
        opened++;
      }
    }
    assertThat(opened).isEqualTo(sent).isGreaterThan(180_000);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aPacketIsTakenOnceHoweverLateItsCopyComes(SrtpProfile profile) {
    SrtpKeyMaterial keys = keys(profile);
    SrtpOutbound out = keys.outbound(true);
    SrtpInbound in = keys.inbound(true);
    Sealed first = seal(out, 65_530, 50);
    List<Sealed> later = new ArrayList<>();
    for (int i = 1; i < 3000; i++) {
      later.add(seal(out, 65_530 + i, 50));
    }
    assertThat(open(in, first)).isPositive();
    assertThat(open(in, first)).isEqualTo(SrtpInbound.REPLAYED);
    for (int i = 0; i < later.size(); i++) {
      boolean lostAtFirst = i == 1000;
      if (!lostAtFirst) {
        assertThat(open(in, later.get(i))).isPositive();
      }
    }
    assertThat(open(in, later.get(2500))).isEqualTo(SrtpInbound.REPLAYED);
    assertThat(open(in, later.get(1000))).as("sent again after a NACK").isPositive();
    assertThat(open(in, later.get(1000))).isEqualTo(SrtpInbound.REPLAYED);
    assertThat(open(in, later.get(1))).as("older than the window").isEqualTo(SrtpInbound.REPLAYED);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aChangedPacketIsRefusedAndChangesNothing(SrtpProfile profile) {
    SrtpKeyMaterial keys = keys(profile);
    SrtpOutbound out = keys.outbound(true);
    SrtpInbound in = keys.inbound(true);
    assertThat(open(in, seal(out, 10, 40))).isPositive();
    Sealed good = seal(out, 11, 40);
    for (int bit = 16; bit < good.bytes.length * 8; bit++) {
      byte[] forged = good.bytes.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(in.rtp(forged, 0, forged.length, clear)).as("bit %d", bit).isNegative();
    }
    assertThat(open(in, good)).isPositive();
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void rtcpComesOutAsItWentInAndOnce(SrtpProfile profile) {
    SrtpKeyMaterial keys = keys(profile);
    SrtpOutbound out = keys.outbound(true);
    SrtpInbound in = keys.inbound(true);
    for (int i = 0; i < 5000; i++) {
      byte[] plain = new byte[8 + 4 * random.nextInt(30)];
      random.nextBytes(plain);
      plain[0] = (byte) 0x80;
      plain[1] = (byte) 201;
      Bytes.putInt32(plain, 4, SSRC);
      byte[] packet = new byte[7 + plain.length + SrtpOutbound.MOST_OVERHEAD_BYTES];
      System.arraycopy(plain, 0, packet, 7, plain.length);
      int length = out.rtcp(packet, 7, plain.length);
      assertThat(in.rtcp(packet, 7, length, clear)).isEqualTo(plain.length);
      assertThat(Arrays.copyOf(clear, plain.length)).isEqualTo(plain);
      assertThat(in.rtcp(packet, 7, length, clear)).isEqualTo(SrtpInbound.REPLAYED);
      packet[7 + length - 1] ^= 1;
      assertThat(in.rtcp(packet, 7, length, clear)).isNegative();
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aStreamWhoseFirstPacketsWereLostAcrossTheRollOverIsFound(SrtpProfile profile) {
    SrtpKeyMaterial keys = keys(profile);
    SrtpOutbound out = keys.outbound(true);
    SrtpInbound in = keys.inbound(true);
    seal(out, 65_535, 40);
    assertThat(open(in, seal(out, 65_537, 40))).isPositive();
    assertThat(open(in, seal(out, 65_538, 40))).isPositive();
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aPacketSentAgainUnchangedGivesTheSameBytes(SrtpProfile profile) {
    SrtpOutbound out = keys(profile).outbound(true);
    byte[] plain = packet(77, 30);
    byte[] first = Arrays.copyOf(plain, plain.length + SrtpOutbound.MOST_OVERHEAD_BYTES);
    byte[] again = first.clone();
    assertThat(out.rtp(first, 0, plain.length)).isEqualTo(out.rtp(again, 0, plain.length));
    assertThat(again).isEqualTo(first);
  }

  @Test
  void manyStreamsKeepApart() {
    SrtpKeyMaterial keys = keys(SrtpProfile.AEAD_AES_256_GCM);
    SrtpOutbound out = keys.outbound(true);
    SrtpInbound in = keys.inbound(true);
    for (int round = 0; round < 20; round++) {
      for (int stream = 0; stream < StreamWindows.MOST; stream++) {
        byte[] plain = packet(65_530 + round, 30);
        Bytes.putInt32(plain, 8, stream);
        byte[] sealed = Arrays.copyOf(plain, plain.length + 16);
        int length = out.rtp(sealed, 0, plain.length);
        assertThat(in.rtp(sealed, 0, length, clear)).isEqualTo(plain.length);
        assertThat(in.rtp(sealed, 0, length, clear)).isEqualTo(SrtpInbound.REPLAYED);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void randomBytesAreNeverTakenAndNeverThrow(SrtpProfile profile) {
    long seed = System.currentTimeMillis();
    Random chance = new Random(seed);
    SrtpInbound in = keys(profile).inbound(true);
    for (int i = 0; i < 20_000; i++) {
      byte[] junk = new byte[chance.nextInt(200)];
      chance.nextBytes(junk);
      assertThat(in.rtp(junk, 0, junk.length, clear)).as("seed %d", seed).isNegative();
      assertThat(in.rtcp(junk, 0, junk.length, clear)).as("seed %d", seed).isNegative();
    }
  }

  private SrtpKeyMaterial keys(SrtpProfile profile) {
    byte[] exported = new byte[profile.exportedBytes()];
    random.nextBytes(exported);
    return new SrtpKeyMaterial(profile, exported);
  }

  private int open(SrtpInbound in, Sealed packet) {
    return in.rtp(packet.bytes, 0, packet.bytes.length, clear);
  }

  private Sealed seal(SrtpOutbound out, int number, int payload) {
    byte[] plain = packet(number, payload);
    byte[] packet = Arrays.copyOf(plain, plain.length + SrtpOutbound.MOST_OVERHEAD_BYTES);
    int length = out.rtp(packet, 0, plain.length);
    return new Sealed(number, plain, Arrays.copyOf(packet, length));
  }

  /** A packet with two contributing sources and, each second time, a header extension. */
  private byte[] packet(int number, int payload) {
    boolean extended = number % 2 == 0;
    byte[] packet = new byte[12 + 8 + (extended ? 8 : 0) + payload];
    random.nextBytes(packet);
    packet[0] = (byte) (0x82 | (extended ? 0x10 : 0));
    packet[2] = (byte) (number >>> 8);
    packet[3] = (byte) number;
    Bytes.putInt32(packet, 8, SSRC);
    if (extended) {
      Bytes.putInt32(packet, 20, 0xbede0001);
    }
    return packet;
  }
}
