package io.spillway.rtc.dtls;

import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.jspecify.annotations.Nullable;

/** What our client and our server have in common: the algorithms, and what a handshake yields. */
sealed interface HandshakePeer permits ClientPeer, ServerPeer {
  /**
   * First wait before a flight is sent again; doubles each time. The second of RFC 6347 is long for
   * somebody who waits for a recording, and leaves four tries in all; livekit-server takes 100 ms.
   */
  Duration FIRST_RESEND = Duration.ofMillis(200);

  /** How long a handshake may take. */
  Duration MOST = Duration.ofSeconds(15);

  /** Runs the handshake; blocks. */
  DTLSTransport handshake(DatagramTransport datagrams) throws IOException;

  /** The keys, once the handshake is done. */
  @Nullable SrtpKeyMaterial keys();

  /** Suites with forward secrecy and AEAD only; ECDSA is what every WebRTC stack uses. */
  static int[] cipherSuites() {
    return new int[] {
      CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
      CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
      CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    };
  }

  static List<Integer> groups() {
    return List.of(NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1);
  }

  static UseSRTPData profiles(List<SrtpProfile> profiles) {
    int[] ids = profiles.stream().mapToInt(SrtpProfile::id).toArray();
    return new UseSRTPData(ids, TlsUtils.EMPTY_BYTES);
  }

  /** The first of {@code ours} that the other side names as well. */
  static SrtpProfile choose(List<SrtpProfile> ours, @Nullable UseSRTPData theirs)
      throws IOException {
    if (theirs != null) {
      for (SrtpProfile profile : ours) {
        if (Arrays.stream(theirs.getProtectionProfiles()).anyMatch(id -> id == profile.id())) {
          return profile;
        }
      }
    }
    throw new TlsFatalAlert(
        AlertDescription.handshake_failure, "the peer has no SRTP profile of ours: " + ours);
  }

  static SrtpKeyMaterial export(TlsContext context, SrtpProfile profile) {
    byte[] exported =
        context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, profile.exportedBytes());
    return new SrtpKeyMaterial(profile, exported);
  }

  /** Passes on that the peer ended the connection in good order. */
  static void alert(short description, Consumer<String> closed) {
    if (description == AlertDescription.close_notify) {
      closed.accept("the peer closed DTLS");
    }
  }
}
