package io.spillway.rtc.dtls;

import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/**
 * The certificate with which this process answers for itself: self-signed, ECDSA on P-256, one for
 * all transports. Peers don't trust it but compare its fingerprint with the one that signalling
 * gave them. Thread-safe.
 *
 * <p>The cryptography is the JDK's, through Bouncy Castle's JCA bridge: it has intrinsics that
 * Bouncy Castle's own lacks.
 */
public final class DtlsIdentity {
  private static final Duration BACKDATED = Duration.ofDays(1);
  private static final Duration VALID = Duration.ofDays(3650);
  private static final int SERIAL_BITS = 63;

  private final JcaTlsCrypto crypto;
  private final PrivateKey key;
  private final byte[] certificate;
  private final Fingerprint fingerprint;

  private DtlsIdentity(JcaTlsCrypto crypto, PrivateKey key, byte[] certificate) {
    this.crypto = crypto;
    this.key = key;
    this.certificate = certificate;
    this.fingerprint = Fingerprint.of(certificate);
  }

  /** Makes a key and signs a certificate: some milliseconds, more in a cold JVM. */
  public static DtlsIdentity create(TimeSource time, SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      byte[] certificate = selfSigned(pair, time, random);
      JcaTlsCrypto crypto = new JcaTlsCryptoProvider().create(random);
      return new DtlsIdentity(crypto, pair.getPrivate(), certificate);
    } catch (GeneralSecurityException | OperatorCreationException | IOException cause) {
      throw new IllegalStateException("this Java can't make an ECDSA P-256 certificate", cause);
    }
  }

  @SuppressWarnings("JavaUtilDate") // Bouncy Castle's builder takes nothing else
  private static byte[] selfSigned(KeyPair pair, TimeSource time, SecureRandom random)
      throws OperatorCreationException, IOException {
    Instant now = Instant.ofEpochSecond(0, time.unixNanos());
    X500Name name = new X500Name("CN=spillway");
    return new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, random),
            Date.from(now.minus(BACKDATED)),
            Date.from(now.plus(VALID)),
            name,
            pair.getPublic())
        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
        .getEncoded();
  }

  /** The certificate's SHA-256, upper-case hex with colons, as SDP writes it. */
  public String fingerprint() {
    return fingerprint.toString();
  }

  TlsCrypto crypto() {
    return crypto;
  }

  TlsCredentialedSigner signer(TlsContext context) throws IOException {
    TlsCertificate[] chain = {crypto.createCertificate(certificate)};
    return new JcaDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        crypto,
        key,
        new Certificate(chain),
        new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
  }
}
