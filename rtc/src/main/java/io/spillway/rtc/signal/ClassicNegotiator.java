package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.ice.RemoteParameters;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.signal.Negotiation.Wanted;
import io.spillway.rtc.signal.SdpMedia.Direction;
import io.spillway.rtc.signal.SdpWriter.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import livekit.LivekitRtc.SessionDescription;

/**
 * Negotiates the subscriber peer connection of the classic signalling ({@code /rtc}): the server
 * offers, we answer. One thread.
 *
 * <p>The server offers every codec it knows, VP8 first; the answer keeps the track's own only,
 * because the SFU sends the first that both name and never transcodes. Data channels are refused.
 */
public final class ClassicNegotiator {
  /** An answer to send and what it settled. */
  public record Answered(SessionDescription answer, Negotiation settled) {}

  private Optional<Wanted> wanted = Optional.empty();
  private long version;

  /** The track whose section is accepted from now on. */
  public void want(Wanted track) {
    wanted = Optional.of(track);
  }

  /**
   * The server's end of the transport in an offer: the caller needs it to see an ICE restart before
   * it answers.
   *
   * @throws SdpException when the offer can't be used
   */
  public static RemoteParameters remote(SessionDescription offer) {
    return Negotiation.remote(Sdp.parse(offer.getSdp()));
  }

  /**
   * Answers an offer of the server.
   *
   * @throws SdpException when it can't be used
   */
  public Answered answer(SessionDescription offer, SdpWriter.Side side) {
    Sdp parsed = Sdp.parse(offer.getSdp());
    List<Section> sections = new ArrayList<>();
    List<PayloadType> found = new ArrayList<>();
    for (SdpMedia section : parsed.media()) {
      List<RtpFormat> accepted = accepted(section);
      boolean sends = section.direction().sends();
      if (sends && carries(section, offer.getMidToTrackIdMap())) {
        accepted.forEach(format -> found.add(format.toPayloadType()));
      }
      sections.add(
          new Section(
              section.kind(),
              section.mid(),
              section.protocol(),
              sends ? Direction.RECVONLY : Direction.INACTIVE,
              accepted,
              section.formats(),
              Optional.empty()));
    }
    SessionDescription answer =
        SessionDescription.newBuilder()
            .setType("answer")
            .setSdp(SdpWriter.write(side, ++version, sections))
            .setId(offer.getId())
            .build();
    return new Answered(answer, new Negotiation(Negotiation.remote(parsed), found));
  }

  /** A section of another kind, or before the track is known, is refused. */
  private List<RtpFormat> accepted(SdpMedia section) {
    return wanted
        .map(Wanted::codec)
        .filter(codec -> section.port() != 0 && kindOf(section, codec))
        .map(codec -> RtpFormat.of(section, codec))
        .orElse(List.of());
  }

  private static boolean kindOf(SdpMedia section, Codec codec) {
    return section.kind().equals(SdpWriter.kindName(codec.kind()));
  }

  private boolean carries(SdpMedia section, Map<String, String> trackOfMid) {
    return wanted
        .filter(
            track -> trackOfMid.isEmpty() || track.trackSid().equals(trackOfMid.get(section.mid())))
        .isPresent();
  }
}
