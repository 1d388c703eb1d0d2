package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.ice.RemoteParameters;
import io.spillway.rtc.ice.RemoteParameters.Setup;
import io.spillway.rtc.rtp.PayloadType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a pair of descriptions settled.
 *
 * @param remote the server's end of the transport
 * @param payloadTypes those of the wanted track; empty while it has no media section
 */
public record Negotiation(RemoteParameters remote, List<PayloadType> payloadTypes) {
  /** Copies the payload types. */
  public Negotiation {
    payloadTypes = List.copyOf(payloadTypes);
  }

  /** The one track whose media section matters, once it is known. */
  public record Wanted(String trackSid, Codec codec) {}

  /** The server's end of the transport as its description has it. */
  static RemoteParameters remote(Sdp description) {
    String fingerprint = required(description, "fingerprint");
    List<String> words = Sdp.words(fingerprint);
    if (words.size() != 2 || !words.get(0).equalsIgnoreCase("sha-256")) {
      throw new SdpException("a=fingerprint is not of sha-256: " + words.getFirst());
    }
    return new RemoteParameters(
        required(description, "ice-ufrag"),
        required(description, "ice-pwd"),
        words.get(1),
        setup(description.bundled("setup")),
        description.iceLite(),
        description.candidates());
  }

  private static Setup setup(Optional<String> value) {
    return switch (value.orElse("").toLowerCase(Locale.ROOT)) {
      case "active" -> Setup.ACTIVE;
      case "passive" -> Setup.PASSIVE;
      default -> Setup.ACTPASS;
    };
  }

  private static String required(Sdp description, String attribute) {
    return description
        .bundled(attribute)
        .filter(value -> !value.isBlank())
        .orElseThrow(() -> new SdpException("the description has no a=" + attribute));
  }
}
