package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.rtp.PayloadType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes our offers and answers: one BUNDLE, RTCP multiplexed, our one UDP socket. Pure. */
public final class SdpWriter {
  private SdpWriter() {}

  /**
   * Our end of the transport.
   *
   * @param fingerprint sha-256 of our certificate, {@code AB:CD:…}
   * @param setup {@code active} or {@code actpass} (RFC 5763)
   * @param candidates lines that begin with {@code candidate:}
   */
  public record Side(
      String ufrag, String password, String fingerprint, String setup, List<String> candidates) {
    /** Copies the candidates. */
    public Side {
      candidates = List.copyOf(candidates);
    }
  }

  /**
   * What a section of ours sends.
   *
   * @param stream first word of {@code a=msid}
   * @param track second word: livekit-server finds the AddTrackRequest by it (its {@code cid})
   * @param rtxSsrc 0 without RTX
   */
  public record Sending(String stream, String track, String cname, long ssrc, long rtxSsrc) {}

  /** One section to write. An empty list of formats rejects it (port 0). */
  public record Section(
      String kind,
      String mid,
      String protocol,
      SdpMedia.Direction direction,
      List<RtpFormat> formats,
      List<String> rejectedFormats,
      Optional<Sending> sending) {
    /** Copies the formats. */
    public Section {
      formats = List.copyOf(formats);
      rejectedFormats = List.copyOf(rejectedFormats);
    }

    /** A section that receives. */
    public static Section receiving(Codec.Kind kind, String mid, List<RtpFormat> formats) {
      return new Section(
          kindName(kind),
          mid,
          PROTOCOL,
          SdpMedia.Direction.RECVONLY,
          formats,
          List.of(),
          Optional.empty());
    }

    boolean rejected() {
      return formats.isEmpty();
    }
  }

  static final String PROTOCOL = "UDP/TLS/RTP/SAVPF";

  /** {@code audio} or {@code video}. */
  public static String kindName(Codec.Kind kind) {
    return switch (kind) {
      case AUDIO -> "audio";
      case VIDEO -> "video";
    };
  }

  /**
   * A whole description.
   *
   * @param version grows with each description of a session (RFC 8866, 5.2)
   */
  public static String write(Side side, long version, List<Section> sections) {
    List<String> lines = new ArrayList<>();
    lines.add("v=0");
    lines.add("o=- 1 " + version + " IN IP4 0.0.0.0");
    lines.add("s=-");
    lines.add("t=0 0");
    lines.add(
        sections.stream()
            .filter(section -> !section.rejected())
            .map(Section::mid)
            .collect(Collectors.joining(" ", "a=group:BUNDLE ", ""))
            .trim());
    lines.add("a=msid-semantic: WMS *");
    for (Section section : sections) {
      section(lines, side, section);
    }
    return String.join("\r\n", lines) + "\r\n";
  }

  private static void section(List<String> lines, Side side, Section section) {
    lines.add("m=" + section.kind() + portAndFormats(section));
    lines.add("c=IN IP4 0.0.0.0");
    lines.add("a=mid:" + section.mid());
    // In rejected sections too: pion takes the credentials from the first section there is.
    lines.add("a=ice-ufrag:" + side.ufrag());
    lines.add("a=ice-pwd:" + side.password());
    lines.add("a=fingerprint:sha-256 " + side.fingerprint());
    lines.add("a=setup:" + side.setup());
    side.candidates().forEach(candidate -> lines.add("a=" + candidate));
    lines.add("a=end-of-candidates");
    if (section.rejected()) {
      lines.add("a=inactive");
      return;
    }
    lines.add("a=" + section.direction().attribute());
    lines.add("a=rtcp-mux");
    lines.add("a=rtcp-rsize");
    section.formats().forEach(format -> format(lines, format));
    section.sending().ifPresent(sending -> sending(lines, sending));
  }

  private static String portAndFormats(Section section) {
    if (section.rejected()) {
      return " 0 " + section.protocol() + " " + String.join(" ", section.rejectedFormats());
    }
    return section.formats().stream()
        .map(format -> String.valueOf(format.number()))
        .collect(Collectors.joining(" ", " 9 " + section.protocol() + " ", ""));
  }

  private static void format(List<String> lines, RtpFormat format) {
    lines.add("a=rtpmap:" + format.number() + " " + format.encoding());
    if (!format.parameters().isEmpty()) {
      lines.add("a=fmtp:" + format.number() + " " + format.parameters());
    }
    if (format.kind() == PayloadType.Kind.RTX) {
      return;
    }
    lines.add("a=rtcp-fb:" + format.number() + " nack");
    if (format.codec().kind() == Codec.Kind.VIDEO) {
      lines.add("a=rtcp-fb:" + format.number() + " nack pli");
    }
  }

  private static void sending(List<String> lines, Sending sending) {
    lines.add("a=msid:" + sending.stream() + " " + sending.track());
    if (sending.rtxSsrc() != 0) {
      lines.add("a=ssrc-group:FID " + sending.ssrc() + " " + sending.rtxSsrc());
    }
    source(lines, sending, sending.ssrc());
    if (sending.rtxSsrc() != 0) {
      source(lines, sending, sending.rtxSsrc());
    }
  }

  private static void source(List<String> lines, Sending sending, long ssrc) {
    lines.add("a=ssrc:" + ssrc + " cname:" + sending.cname());
    lines.add("a=ssrc:" + ssrc + " msid:" + sending.stream() + " " + sending.track());
  }
}
