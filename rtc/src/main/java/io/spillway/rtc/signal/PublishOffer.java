package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.PublishRequest;
import io.spillway.rtc.rtp.PayloadType;
import io.spillway.rtc.signal.SdpMedia.Direction;
import io.spillway.rtc.signal.SdpWriter.Section;
import io.spillway.rtc.signal.SdpWriter.Sending;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import livekit.LivekitModels.AudioTrackFeature;
import livekit.LivekitModels.TrackSource;
import livekit.LivekitModels.TrackType;
import livekit.LivekitModels.VideoLayer;
import livekit.LivekitModels.VideoQuality;
import livekit.LivekitRtc.AddTrackRequest;
import livekit.LivekitRtc.SessionDescription;
import livekit.LivekitRtc.SimulcastCodec;

/**
 * Announces and offers the tracks of a publisher: one sending section each, found by the server
 * through its {@code msid}. One thread.
 */
public final class PublishOffer {
  /** One track with the numbers it is sent under. {@code rtxSsrc} is 0 for audio. */
  public record Outgoing(
      PublishRequest.Track track, String clientId, int ssrc, int rtxSsrc, RtpFormat media) {
    /** The retransmission payload type, -1 without. */
    public int rtxPayloadType() {
      return rtxSsrc == 0 ? -1 : media.number() + 1;
    }
  }

  private final String cname;
  private final List<Outgoing> tracks;
  private final boolean[] withdrawn;
  private int offerId;

  /** Offers {@code tracks} under one canonical name. */
  public PublishOffer(String cname, List<Outgoing> tracks) {
    this.cname = cname;
    this.tracks = List.copyOf(tracks);
    this.withdrawn = new boolean[tracks.size()];
  }

  /** The format a codec is published in. */
  public static RtpFormat format(Codec codec) {
    return RtpFormat.receivable(codec).getFirst();
  }

  /** What the server must be told of each track before it sees the offer. */
  public List<AddTrackRequest> announcements() {
    return tracks.stream().map(PublishOffer::announcement).toList();
  }

  private static AddTrackRequest announcement(Outgoing outgoing) {
    PublishRequest.Track track = outgoing.track();
    boolean audio = track.codec().kind() == Codec.Kind.AUDIO;
    AddTrackRequest.Builder request =
        AddTrackRequest.newBuilder()
            .setCid(outgoing.clientId())
            .setName(track.name())
            .setType(audio ? TrackType.AUDIO : TrackType.VIDEO)
            .setSource(source(track.source()))
            .setDisableRed(true);
    if (audio) {
      if (track.stereo()) {
        request.addAudioFeatures(AudioTrackFeature.TF_STEREO);
      }
      return request.build();
    }
    VideoLayer layer =
        VideoLayer.newBuilder()
            .setQuality(VideoQuality.HIGH)
            .setWidth(track.width())
            .setHeight(track.height())
            .build();
    String codec = track.codec().mimeType().substring("video/".length());
    return request
        .setWidth(track.width())
        .setHeight(track.height())
        .addLayers(layer)
        .addSimulcastCodecs(
            SimulcastCodec.newBuilder()
                .setCodec(codec)
                .setCid(outgoing.clientId())
                .addLayers(layer))
        .build();
  }

  private static TrackSource source(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    for (TrackSource source : TrackSource.values()) {
      if (source.name().equals(wanted)) {
        return source;
      }
    }
    return TrackSource.UNKNOWN;
  }

  /** Leaves a track out of the offers from now on. */
  public void withdraw(int track) {
    withdrawn[track] = true;
  }

  /** The next offer. */
  public SessionDescription offer(SdpWriter.Side side) {
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < tracks.size(); i++) {
      sections.add(section(i, tracks.get(i)));
    }
    offerId++;
    return SessionDescription.newBuilder()
        .setType("offer")
        .setSdp(SdpWriter.write(side, offerId, sections))
        .setId(offerId)
        .build();
  }

  private Section section(int index, Outgoing outgoing) {
    boolean repairs = outgoing.rtxSsrc() != 0;
    Codec codec = outgoing.track().codec();
    List<RtpFormat> formats = new ArrayList<>(formats(codec, outgoing.media(), repairs));
    for (Codec other : othersOf(codec)) {
      formats.addAll(formats(other, format(other), repairs));
    }
    Sending sending =
        new Sending(
            cname,
            outgoing.clientId(),
            cname,
            Integer.toUnsignedLong(outgoing.ssrc()),
            Integer.toUnsignedLong(outgoing.rtxSsrc()));
    return new Section(
        SdpWriter.kindName(outgoing.track().codec().kind()),
        String.valueOf(index),
        SdpWriter.PROTOCOL,
        withdrawn[index] ? Direction.INACTIVE : Direction.SENDONLY,
        formats,
        List.of(),
        withdrawn[index] ? Optional.empty() : Optional.of(sending));
  }

  /**
   * The codecs of the other tracks of this kind. The server (Pion) learns the payload types of a
   * kind from the first section of it alone: a codec that only a later one offered would be taken
   * for the first one's.
   */
  private List<Codec> othersOf(Codec codec) {
    return tracks.stream()
        .map(other -> other.track().codec())
        .filter(other -> other.kind() == codec.kind() && other != codec)
        .distinct()
        .toList();
  }

  private static List<RtpFormat> formats(Codec codec, RtpFormat media, boolean repairs) {
    List<RtpFormat> formats = new ArrayList<>(List.of(media));
    if (repairs) {
      formats.addAll(
          RtpFormat.receivable(codec).stream()
              .filter(format -> format.kind() == PayloadType.Kind.RTX)
              .filter(format -> format.associated() == media.number())
              .toList());
    }
    return formats;
  }

  /**
   * The server's end of the transport in its answer.
   *
   * @throws SdpException when the answer can't be used
   */
  public Negotiation answer(SessionDescription answer) {
    return new Negotiation(Negotiation.remote(Sdp.parse(answer.getSdp())), List.of());
  }
}
