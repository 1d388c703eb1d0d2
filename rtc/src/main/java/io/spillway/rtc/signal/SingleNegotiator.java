package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.signal.Negotiation.Wanted;
import io.spillway.rtc.signal.SdpWriter.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import livekit.LivekitRtc.SessionDescription;

/**
 * Negotiates over one peer connection ({@code /rtc/v1}): all offers are ours, the server answers.
 * One thread.
 *
 * <p>The first offer goes with the join request, so that ICE and DTLS run while the server looks
 * for the track. Its sections receive; which kind is wanted shows in the track's sid, which
 * livekit-server begins with {@code TR_A} or {@code TR_V}: only a hint, without it both kinds are
 * offered, and a section that turns out to be missing is added. When the codec is known the section
 * is narrowed to it.
 */
public final class SingleNegotiator {
  private static final int MAX_SECTIONS = 8;

  private final List<Codec.Kind> kinds = new ArrayList<>();
  private Optional<Wanted> wanted = Optional.empty();
  private int offerId;
  private int answeredId;

  /** Starts with the sections that {@code trackSid} suggests. */
  public SingleNegotiator(String trackSid) {
    if (!trackSid.startsWith("TR_V")) {
      kinds.add(Codec.Kind.AUDIO);
    }
    if (!trackSid.startsWith("TR_A")) {
      kinds.add(Codec.Kind.VIDEO);
    }
  }

  /** From now on offers this track's codec only, in a section of its kind. */
  public void want(Wanted track) {
    wanted = Optional.of(track);
    if (!kinds.contains(track.codec().kind())) {
      kinds.add(track.codec().kind());
    }
  }

  /** The server misses sections for what it wants to send. */
  public void require(int audios, int videos) {
    wanted.ifPresent(track -> {
      int missing = track.codec().kind() == Codec.Kind.AUDIO ? audios : videos;
      if (missing > 0 && kinds.size() < MAX_SECTIONS) {
        kinds.add(track.codec().kind());
      }
    });
  }

  /** Whether an offer is under way: the next must wait for its answer. */
  public boolean offerPending() {
    return offerId != answeredId;
  }

  /** The next offer. */
  public SessionDescription offer(SdpWriter.Side side) {
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      sections.add(Section.receiving(kinds.get(i), String.valueOf(i), formats(kinds.get(i))));
    }
    offerId++;
    return SessionDescription.newBuilder()
        .setType("offer")
        .setSdp(SdpWriter.write(side, offerId, sections))
        .setId(offerId)
        .build();
  }

  private List<RtpFormat> formats(Codec.Kind kind) {
    return wanted
        .filter(track -> track.codec().kind() == kind)
        .map(track -> RtpFormat.receivable(track.codec()))
        .orElseGet(() -> RtpFormat.receivable(kind));
  }

  /**
   * Takes the server's answer.
   *
   * @throws SdpException when it can't be used
   */
  public Negotiation answer(SessionDescription answer) {
    if (answer.getId() != 0 && answer.getId() != offerId) {
      throw new SdpException("answer " + answer.getId() + " to offer " + offerId);
    }
    answeredId = offerId;
    Sdp parsed = Sdp.parse(answer.getSdp());
    List<PayloadType> found = new ArrayList<>();
    wanted.ifPresent(track -> found.addAll(mediaOf(parsed, answer.getMidToTrackIdMap(), track)));
    return new Negotiation(Negotiation.remote(parsed), found);
  }

  private static List<PayloadType> mediaOf(
      Sdp answer, Map<String, String> trackOfMid, Wanted track) {
    for (SdpMedia section : answer.media()) {
      boolean sends = section.port() != 0 && section.direction().sends();
      boolean ours =
          trackOfMid.isEmpty()
              ? section.kind().equals(SdpWriter.kindName(track.codec().kind()))
              : track.trackSid().equals(trackOfMid.get(section.mid()));
      if (sends && ours) {
        // Ours, not the answer's: livekit-server 1.11 answers with its own number for Opus but
        // sends with the offered one.
        return payloadTypes(track.codec());
      }
    }
    return List.of();
  }

  /** The payload types with which {@code codec} is offered. */
  public static List<PayloadType> payloadTypes(Codec codec) {
    return RtpFormat.receivable(codec).stream().map(RtpFormat::toPayloadType).toList();
  }
}
