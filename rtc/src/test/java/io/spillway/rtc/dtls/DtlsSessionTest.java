package io.spillway.rtc.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.time.SystemTime;
import io.spillway.rtc.srtp.SrtpInbound;
import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpOutbound;
import io.spillway.rtc.srtp.SrtpProfile;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DtlsSessionTest {
  private static final List<SrtpProfile> ALL = List.of(SrtpProfile.values());
  private static final SystemTime TIME = new SystemTime();
  private static final DtlsIdentity ALICE = DtlsIdentity.create(TIME, new SecureRandom());
  private static final DtlsIdentity BOB = DtlsIdentity.create(TIME, new SecureRandom());

  @AfterAll
  static void stop() {
    TIME.close();
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void bothSidesGetKeysThatFitForTheProfileTheyShare(SrtpProfile profile) throws Exception {
    Side client = new Side();
    Side server = new Side();
    connect(client, server, List.of(profile), BOB.fingerprint());
    SrtpKeyMaterial clientKeys = client.keys.get(10, TimeUnit.SECONDS);
    SrtpKeyMaterial serverKeys = server.keys.get(10, TimeUnit.SECONDS);
    assertThat(clientKeys.profile()).isEqualTo(profile);
    assertCarries(serverKeys.outbound(false), clientKeys.inbound(false));
    assertCarries(clientKeys.outbound(true), serverKeys.inbound(true));
  }

  @Test
  void aHandshakeSurvivesLostDatagramsOfEitherSide() throws Exception {
    AtomicInteger fromClient = new AtomicInteger();
    AtomicInteger fromServer = new AtomicInteger();
    Side client = new Side();
    Side server = new Side();
    client.loses = _ -> Set.of(2, 4).contains(fromClient.incrementAndGet());
    server.loses = _ -> Set.of(1, 3).contains(fromServer.incrementAndGet());
    connect(client, server, ALL, BOB.fingerprint());
    assertThat(client.keys.get(30, TimeUnit.SECONDS).profile())
        .isEqualTo(SrtpProfile.AEAD_AES_256_GCM);
  }

  @Test
  void aPeerWithAnotherCertificateThanSignallingPromisedIsRefused() throws Exception {
    Side client = new Side();
    Side server = new Side();
    connect(client, server, ALL, ALICE.fingerprint());
    assertThat(client.ended.get(10, TimeUnit.SECONDS))
        .contains("signalling promised " + ALICE.fingerprint());
    assertThat(server.ended.get(10, TimeUnit.SECONDS)).contains("bad_certificate");
    assertThat(client.keys).isNotDone();
  }

  @Test
  void theEndOfTheOneIsToldToTheOther() throws Exception {
    Side client = new Side();
    Side server = new Side();
    connect(client, server, ALL, BOB.fingerprint());
    client.keys.get(10, TimeUnit.SECONDS);
    server.keys.get(10, TimeUnit.SECONDS);
    server.session().close();
    assertThat(client.ended.get(10, TimeUnit.SECONDS)).contains("closed DTLS");
    assertThat(server.ended).as("who closes isn't told").isNotDone();
  }

  @Test
  void junkAfterTheHandshakeChangesNothing() throws Exception {
    long seed = System.currentTimeMillis();
    Random chance = new Random(seed);
    Side client = new Side();
    Side server = new Side();
    connect(client, server, ALL, BOB.fingerprint());
    client.keys.get(10, TimeUnit.SECONDS);
    server.keys.get(10, TimeUnit.SECONDS);
    for (int i = 0; i < 2000; i++) {
      byte[] junk = new byte[1 + chance.nextInt(300)];
      chance.nextBytes(junk);
      junk[0] = (byte) (20 + chance.nextInt(6));
      if (i % 2 == 0 && junk.length > 13) { // a record that looks right but for its contents
        junk[1] = (byte) 0xfe;
        junk[2] = (byte) 0xfd;
        junk[3] = 0;
        junk[4] = (byte) chance.nextInt(2);
        junk[11] = (byte) ((junk.length - 13) >> 8);
        junk[12] = (byte) (junk.length - 13);
      }
      client.session().received(junk, 0, junk.length);
    }
    assertThat(client.ended).as("seed %d", seed).isNotDone();
    while (!client.session().isIdle()) {
      Thread.onSpinWait(); // the good-bye must find room
    }
    server.session().close();
    assertThat(client.ended.get(10, TimeUnit.SECONDS)).as("seed %d", seed).contains("closed DTLS");
  }

  @Test
  void aSessionClosedInItsHandshakeEndsQuietly() throws Exception {
    Side client = new Side();
    Side nobody = new Side();
    nobody.loses = datagram -> true;
    client.loses = datagram -> true;
    connect(client, nobody, ALL, BOB.fingerprint());
    client.session().close();
    nobody.session().close();
    assertThat(client.ended).isNotDone();
    assertThat(client.keys).isNotDone();
  }

  @Test
  void aFingerprintThatIsNoneIsRefusedAtOnce() {
    assertThatThrownBy(
            () -> new DtlsSession(ALICE, DtlsSession.Role.CLIENT, "AB:CD", ALL, TIME, new Side()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("AB:CD");
  }

  @Test
  void theWarmUpSucceeds() throws Exception {
    assertThat(DtlsWarmUp.run(ALICE, TIME)).isTrue();
  }

  private static void connect(
      Side client, Side server, List<SrtpProfile> clientProfiles, String serverFingerprint) {
    client.session.complete(
        new DtlsSession(
            ALICE, DtlsSession.Role.CLIENT, serverFingerprint, clientProfiles, TIME, client));
    server.session.complete(
        new DtlsSession(BOB, DtlsSession.Role.SERVER, ALICE.fingerprint(), ALL, TIME, server));
    client.other.complete(server);
    server.other.complete(client);
    server.session().start();
    client.session().start();
  }

  private static void assertCarries(SrtpOutbound out, SrtpInbound in) {
    byte[] packet = new byte[100];
    packet[0] = (byte) 0x80;
    byte[] plain = Arrays.copyOf(packet, 60);
    byte[] clear = new byte[100];
    int length = in.rtp(packet, 0, out.rtp(packet, 0, 60), clear);
    assertThat(Arrays.copyOf(clear, length)).isEqualTo(plain);
  }

  private static final class Side implements DtlsSession.Listener {
    private final CompletableFuture<DtlsSession> session = new CompletableFuture<>();
    private final CompletableFuture<Side> other = new CompletableFuture<>();
    private final CompletableFuture<SrtpKeyMaterial> keys = new CompletableFuture<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private Predicate<byte[]> loses = datagram -> false;

    DtlsSession session() {
      return session.join();
    }

    @Override
    public void send(byte[] datagram) {
      if (!loses.test(datagram)) {
        other.join().session().received(datagram, 0, datagram.length);
      }
    }

    @Override
    public void established(SrtpKeyMaterial material) {
      keys.complete(material);
    }

    @Override
    public void ended(String why) {
      ended.complete(why);
    }
  }
}
