package io.spillway.rtc.signal;

import io.spillway.core.media.Codec;
import io.spillway.rtc.TrackDescription;
import java.util.Locale;
import java.util.Optional;
import livekit.LivekitModels.AudioTrackFeature;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.SimulcastCodecInfo;
import livekit.LivekitModels.TrackInfo;
import livekit.LivekitModels.TrackType;
import livekit.LivekitModels.VideoLayer;

/**
 * A published track as the server last described it.
 *
 * @param codec empty while the server doesn't know it (nothing was sent yet) or when it is one we
 *     don't take: {@code mimeType} tells them apart
 */
public record RemoteTrack(
    String sid,
    String publisherSid,
    String publisherIdentity,
    Codec.Kind kind,
    String mimeType,
    Optional<Codec> codec,
    TrackDescription description) {

  /** Reads the server's description; a data track gives nothing. */
  static Optional<RemoteTrack> of(ParticipantInfo publisher, TrackInfo track) {
    Codec.Kind kind;
    if (track.getType() == TrackType.AUDIO) {
      kind = Codec.Kind.AUDIO;
    } else if (track.getType() == TrackType.VIDEO) {
      kind = Codec.Kind.VIDEO;
    } else {
      return Optional.empty();
    }
    String mimeType = mimeType(track);
    // Audio of an unknown codec is Opus: livekit-server names it only when it is another one.
    Optional<Codec> codec =
        mimeType.isEmpty() && kind == Codec.Kind.AUDIO
            ? Optional.of(Codec.OPUS)
            : Codec.ofMimeType(mimeType).filter(found -> found.kind() == kind);
    return Optional.of(
        new RemoteTrack(
            track.getSid(),
            publisher.getSid(),
            publisher.getIdentity(),
            kind,
            mimeType,
            codec,
            describe(publisher, track, codec.orElse(Codec.OPUS))));
  }

  /** The primary codec; a backup codec (Chrome's second encoder) is never asked for. */
  private static String mimeType(TrackInfo track) {
    if (!track.getMimeType().isEmpty()) {
      return track.getMimeType();
    }
    return track.getCodecsList().stream()
        .map(SimulcastCodecInfo::getMimeType)
        .filter(type -> !type.isEmpty())
        .findFirst()
        .orElse("");
  }

  @SuppressWarnings("deprecation") // older servers fill only the deprecated layers and stereo
  private static TrackDescription describe(
      ParticipantInfo publisher, TrackInfo track, Codec codec) {
    int width = track.getWidth();
    int height = track.getHeight();
    for (VideoLayer layer : track.getLayersList()) {
      if (layer.getWidth() > width) {
        width = layer.getWidth();
        height = layer.getHeight();
      }
    }
    boolean stereo =
        track.getStereo() || track.getAudioFeaturesList().contains(AudioTrackFeature.TF_STEREO);
    return new TrackDescription(
        track.getSid(),
        track.getName(),
        codec,
        track.getSource().name().toLowerCase(Locale.ROOT),
        publisher.getIdentity(),
        track.getMuted(),
        width,
        height,
        stereo);
  }
}
