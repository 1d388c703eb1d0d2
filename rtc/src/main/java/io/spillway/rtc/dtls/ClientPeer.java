package io.spillway.rtc.dtls;

import io.spillway.rtc.srtp.SrtpKeyMaterial;
import io.spillway.rtc.srtp.SrtpProfile;
import java.io.IOException;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import java.util.function.Consumer;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.jspecify.annotations.Nullable;

/** The side that sends the ClientHello: ours, against livekit-server. */
@SuppressWarnings({"rawtypes", "unchecked", "JdkObsolete"}) // Bouncy Castle's interface
final class ClientPeer extends DefaultTlsClient implements HandshakePeer {
  private final DtlsIdentity identity;
  private final Fingerprint expected;
  private final List<SrtpProfile> profiles;
  private final Consumer<String> closed;
  private @Nullable SrtpProfile chosen;
  private volatile @Nullable SrtpKeyMaterial keys;

  ClientPeer(
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
    return new DTLSClientProtocol().connect(this, datagrams);
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
  protected Vector getSupportedGroups(Vector namedGroupRoles) {
    return new Vector<>(HandshakePeer.groups());
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
  public Hashtable getClientExtensions() throws IOException {
    Hashtable extensions =
        TlsExtensionsUtils.ensureExtensionsInitialised(super.getClientExtensions());
    TlsSRTPUtils.addUseSRTPExtension(extensions, HandshakePeer.profiles(profiles));
    return extensions;
  }

  @Override
  public void processServerExtensions(Hashtable extensions) throws IOException {
    super.processServerExtensions(extensions);
    chosen = HandshakePeer.choose(profiles, TlsSRTPUtils.getUseSRTPExtension(extensions));
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

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate server) throws IOException {
        expected.check(server.getCertificate());
      }

      @Override
      public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
        return identity.signer(context);
      }
    };
  }
}
