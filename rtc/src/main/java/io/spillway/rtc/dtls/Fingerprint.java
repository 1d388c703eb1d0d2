package io.spillway.rtc.dtls;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.TlsFatalAlert;

/** SHA-256 of a certificate (RFC 8122), kept as upper-case hex with colons. */
record Fingerprint(String hex) {
  private static final int BYTES = 32;
  private static final HexFormat FORMAT = HexFormat.ofDelimiter(":").withUpperCase();

  Fingerprint {
    hex = hex.strip().toUpperCase(Locale.ROOT);
    if (FORMAT.parseHex(hex).length != BYTES) {
      throw new IllegalArgumentException("not a SHA-256 fingerprint: " + hex);
    }
  }

  static Fingerprint of(byte[] certificate) {
    try {
      return new Fingerprint(
          FORMAT.formatHex(MessageDigest.getInstance("SHA-256").digest(certificate)));
    } catch (NoSuchAlgorithmException cause) {
      throw new IllegalStateException("this Java has no SHA-256", cause);
    }
  }

  /** Ends the handshake unless the peer's certificate is the one that signalling promised. */
  void check(Certificate peer) throws IOException {
    if (peer.isEmpty()) {
      throw new TlsFatalAlert(AlertDescription.bad_certificate, "the peer showed no certificate");
    }
    Fingerprint shown = of(peer.getCertificateAt(0).getEncoded());
    if (!shown.equals(this)) {
      throw new TlsFatalAlert(
          AlertDescription.bad_certificate,
          "the peer's certificate has fingerprint " + shown + ", signalling promised " + this);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
