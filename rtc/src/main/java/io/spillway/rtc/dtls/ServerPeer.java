package io.spillway.rtc.dtls;

import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.util.Hashtable;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsUtils;
import org.jspecify.annotations.Nullable;

/** The side that waits for the ClientHello: for peers that insist, warm-up and tests. */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // Bouncy Castle's interface
final class ServerPeer extends DefaultTlsServer implements HandshakePeer {
  private final DtlsIdentity identity;
  private final Fingerprint expected;
  private final List<SrtpProfile> profiles;
  private final Consumer<String> closed;
  private @Nullable SrtpProfile chosen;
  private volatile @Nullable SrtpKeyMaterial keys;

  ServerPeer(
      DtlsIdentity identity,
      Fingerprint expected,
      List<SrtpProfile> profiles,
      Consumer<String> closed) {
    super(identity.crypto());
    this.identity = identity;
    this.expected = expected;
    this.profiles = profiles;
    this.closed = closed;
  }

  @Override
  public DTLSTransport handshake(DatagramTransport datagrams) throws IOException {
    return new DTLSServerProtocol().accept(this, datagrams);
  }

  @Override
  public @Nullable SrtpKeyMaterial keys() {
    return keys;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return HandshakePeer.cipherSuites();
  }

  @Override
  public int[] getSupportedGroups() {
    return HandshakePeer.groups().stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return (int) FIRST_RESEND.toMillis();
  }

  @Override
  public int getHandshakeTimeoutMillis() {
    return (int) MOST.toMillis();
  }

  @Override
  public void processClientExtensions(Hashtable extensions) throws IOException {
    super.processClientExtensions(extensions);
    chosen = HandshakePeer.choose(profiles, TlsSRTPUtils.getUseSRTPExtension(extensions));
  }

  @Override
  public Hashtable getServerExtensions() throws IOException {
    Hashtable extensions =
        TlsExtensionsUtils.ensureExtensionsInitialised(super.getServerExtensions());
    SrtpProfile profile = chosen;
    if (profile != null) {
      TlsSRTPUtils.addUseSRTPExtension(extensions, HandshakePeer.profiles(List.of(profile)));
    }
    return extensions;
  }

  @Override
  protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
    return identity.signer(context);
  }

  @Override
  public CertificateRequest getCertificateRequest() {
    return new CertificateRequest(
        new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
        TlsUtils.getDefaultSupportedSignatureAlgorithms(context),
        null);
  }

  @Override
  public void notifyClientCertificate(Certificate client) throws IOException {
    expected.check(client);
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    SrtpProfile profile = chosen;
    if (profile != null) {
      keys = HandshakePeer.export(context, profile);
    }
  }

  @Override
  public void notifyAlertReceived(short level, short description) {
    HandshakePeer.alert(description, closed);
  }
}
