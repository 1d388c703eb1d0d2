package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.rtp.PayloadType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One payload type as a session description has it.
 *
 * @param encoding {@code VP8/90000}, {@code opus/48000/2}, {@code rtx/90000}
 * @param associated the payload type an RTX format repeats; else the number itself
 * @param parameters the {@code a=fmtp} value, may be empty
 */
public record RtpFormat(
    int number,
    Codec codec,
    PayloadType.Kind kind,
    String encoding,
    int associated,
    String parameters) {

  /*
   * RED (RFC 2198) is left out of what we offer on purpose: livekit-server undoes it for a
   * subscriber that didn't take it and fills upstream losses from the redundancy while doing so
   * (sfu/redprimaryreceiver.go); losses on our side are repaired by NACK, which the SFU answers for
   * audio too. That is half the bytes for the same result. A server that sends RED all the same
   * (the classic answer keeps it) is understood.
   */

  /** The formats we can receive of a codec, best first. Numbers are unique over all codecs. */
  public static List<RtpFormat> receivable(Codec codec) {
    return switch (codec) {
      case OPUS -> List.of(audio(codec, 111, "opus/48000/2", "minptime=10;useinbandfec=1"));
      case PCMU -> List.of(audio(codec, 0, "PCMU/8000", ""));
      case PCMA -> List.of(audio(codec, 8, "PCMA/8000", ""));
      case VP8 -> video(codec, 96, "VP8/90000", "");
      case VP9 ->
          joined(
              video(codec, 98, "VP9/90000", "profile-id=0"),
              video(codec, 100, "VP9/90000", "profile-id=2"));
      case AV1 -> video(codec, 45, "AV1/90000", "level-idx=5;profile=0;tier=0");
      case H265 ->
          video(codec, 49, "H265/90000", "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST");
      case H264 -> h264();
    };
  }

  /** Everything we can receive of a kind, the codecs browsers publish by default first. */
  public static List<RtpFormat> receivable(Codec.Kind kind) {
    List<Codec> order =
        switch (kind) {
          case AUDIO -> List.of(Codec.OPUS, Codec.PCMU, Codec.PCMA);
          case VIDEO -> List.of(Codec.VP8, Codec.H264, Codec.VP9, Codec.AV1, Codec.H265);
        };
    return order.stream().flatMap(codec -> receivable(codec).stream()).toList();
  }

  /** Baseline, constrained baseline, main and high, with and without fragmentation (RFC 6184). */
  private static List<RtpFormat> h264() {
    List<RtpFormat> found = new ArrayList<>();
    List<String> profiles = List.of("42e01f", "42001f", "4d001f", "640032");
    int number = 102;
    for (String profile : profiles) {
      for (int mode = 1; mode >= 0; mode--) {
        // 110 and 111 stay free for audio.
        number = number == 110 ? 112 : number;
        found.addAll(video(Codec.H264, number, "H264/90000", h264Parameters(profile, mode)));
        number += 2;
      }
    }
    return found;
  }

  private static String h264Parameters(String profile, int mode) {
    return "level-asymmetry-allowed=1;packetization-mode=" + mode + ";profile-level-id=" + profile;
  }

  private static RtpFormat audio(Codec codec, int number, String encoding, String parameters) {
    return new RtpFormat(number, codec, PayloadType.Kind.MEDIA, encoding, number, parameters);
  }

  private static List<RtpFormat> video(
      Codec codec, int number, String encoding, String parameters) {
    return List.of(
        new RtpFormat(number, codec, PayloadType.Kind.MEDIA, encoding, number, parameters),
        new RtpFormat(
            number + 1, codec, PayloadType.Kind.RTX, "rtx/90000", number, "apt=" + number));
  }

  private static List<RtpFormat> joined(List<RtpFormat> first, List<RtpFormat> second) {
    List<RtpFormat> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** The payload types of a section that carry {@code codec}: media, its RED and its RTX. */
  public static List<RtpFormat> of(SdpMedia section, Codec codec) {
    List<RtpFormat> found = new ArrayList<>();
    var maps = section.rtpMaps();
    var parameters = section.formatParameters();
    for (String format : section.formats()) {
      SdpMedia.payloadType(format)
          .ifPresent(number -> {
            String line = parameters.getOrDefault(number, "");
            String encoding = maps.getOrDefault(number, staticEncoding(number));
            mediaFormat(codec, number, encoding, line).ifPresent(found::add);
          });
    }
    List<RtpFormat> repairs = new ArrayList<>();
    for (RtpFormat media : found) {
      if (media.kind() == PayloadType.Kind.MEDIA) {
        rtxOf(section, media).ifPresent(repairs::add);
      }
    }
    return joined(found, repairs);
  }

  private static Optional<RtpFormat> mediaFormat(
      Codec codec, int number, String encoding, String parameters) {
    String name = encodingName(encoding);
    if (codec.mimeType().endsWith("/" + name)) {
      return Optional.of(
          new RtpFormat(number, codec, PayloadType.Kind.MEDIA, encoding, number, parameters));
    }
    if (codec == Codec.OPUS && name.equals("red")) {
      return Optional.of(
          new RtpFormat(number, codec, PayloadType.Kind.RED, encoding, number, parameters));
    }
    return Optional.empty();
  }

  private static Optional<RtpFormat> rtxOf(SdpMedia section, RtpFormat media) {
    var parameters = section.formatParameters();
    for (var map : section.rtpMaps().entrySet()) {
      String line = parameters.getOrDefault(map.getKey(), "");
      String apt = SdpMedia.parameters(line).getOrDefault("apt", "");
      if (encodingName(map.getValue()).equals("rtx")
          && apt.equals(String.valueOf(media.number()))) {
        return Optional.of(
            new RtpFormat(
                map.getKey(),
                media.codec(),
                PayloadType.Kind.RTX,
                map.getValue(),
                media.number(),
                line));
      }
    }
    return Optional.empty();
  }

  private static String encodingName(String encoding) {
    int slash = encoding.indexOf('/');
    return (slash < 0 ? encoding : encoding.substring(0, slash)).toLowerCase(Locale.ROOT);
  }

  /** Payload types that need no {@code a=rtpmap} (RFC 3551). */
  private static String staticEncoding(int number) {
    return switch (number) {
      case 0 -> "PCMU/8000";
      case 8 -> "PCMA/8000";
      default -> "";
    };
  }

  /** As the receiver of the track wants it. */
  public PayloadType toPayloadType() {
    return new PayloadType(number, codec, kind, associated, SdpMedia.parameters(parameters));
  }
}
