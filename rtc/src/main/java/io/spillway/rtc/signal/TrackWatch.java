package io.spillway.rtc.signal;

import java.util.List;
import java.util.Optional;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.TrackInfo;

/**
 * Follows one track through the server's participant lists, and forgets everything else about the
 * room, so that two hundred subscribers of a large room don't hold two hundred copies of it. One
 * thread.
 */
public final class TrackWatch {
  /** What a list said of the track. */
  public sealed interface Change {
    /** Nothing of ours. */
    record Nothing() implements Change {}

    /** It is there, for the first time or after it was gone. */
    record Appeared(RemoteTrack track) implements Change {}

    /** It is there as before; its description may differ. */
    record Updated(RemoteTrack track) implements Change {}

    /** Its publisher is there without it. */
    record Unpublished() implements Change {}

    /** Its publisher left. */
    record PublisherLeft() implements Change {}
  }

  private static final Change NOTHING = new Change.Nothing();

  private final boolean follow;
  private String wantedSid;
  private Optional<RemoteTrack> current = Optional.empty();
  private Optional<RemoteTrack> last = Optional.empty();
  private long publisherJoinedAtMillis;

  /**
   * Watches for {@code trackSid}.
   *
   * @param follow whether a track of the same participant and source under a new sid is the same
   *     track, once the first was seen and is gone
   */
  public TrackWatch(String trackSid, boolean follow) {
    this.wantedSid = trackSid;
    this.follow = follow;
  }

  /** The sid under which the track is published now. */
  public String sid() {
    return wantedSid;
  }

  /** The track as last described while it is there. */
  public Optional<RemoteTrack> current() {
    return current;
  }

  /** The track as last described, also when it is gone. */
  public Optional<RemoteTrack> last() {
    return last;
  }

  /** Takes the whole list of a JOIN: who isn't in it isn't there. */
  public Change joined(List<ParticipantInfo> others) {
    current = Optional.empty();
    return updated(others);
  }

  /** Takes a list of participants that changed. */
  public Change updated(List<ParticipantInfo> changed) {
    Change found = NOTHING;
    for (ParticipantInfo participant : changed) {
      Change change = one(participant);
      if (!(change instanceof Change.Nothing)) {
        found = change;
      }
    }
    return found;
  }

  private Change one(ParticipantInfo participant) {
    boolean gone = participant.getState() == ParticipantInfo.State.DISCONNECTED;
    Optional<RemoteTrack> track = gone ? Optional.empty() : find(participant);
    if (track.isPresent() && usable(track.get())) {
      boolean was = current.isPresent();
      current = track;
      last = track;
      publisherJoinedAtMillis = joinedAtMillis(participant);
      wantedSid = track.get().sid();
      return was ? new Change.Updated(track.get()) : new Change.Appeared(track.get());
    }
    if (!gone && replaces(participant)) {
      current = Optional.empty();
      return new Change.PublisherLeft();
    }
    boolean publisher =
        current.map(seen -> seen.publisherSid().equals(participant.getSid())).orElse(false);
    if (!publisher || track.isPresent()) {
      return NOTHING;
    }
    current = Optional.empty();
    return gone ? new Change.PublisherLeft() : new Change.Unpublished();
  }

  /**
   * Whether this is the publisher joined anew: the server has one participant of an identity, so
   * the earlier one is gone, also if we never heard of its leaving.
   */
  private boolean replaces(ParticipantInfo participant) {
    return current
        .filter(seen -> seen.publisherIdentity().equals(participant.getIdentity()))
        .filter(seen -> !seen.publisherSid().equals(participant.getSid()))
        .filter(_ -> joinedAtMillis(participant) >= publisherJoinedAtMillis)
        .isPresent();
  }

  /** Servers before 1.9 tell whole seconds only. */
  private static long joinedAtMillis(ParticipantInfo participant) {
    return participant.getJoinedAtMs() > 0
        ? participant.getJoinedAtMs()
        : participant.getJoinedAt() * 1000;
  }

  /** A video track whose codec isn't known yet will be described again when it is. */
  private static boolean usable(RemoteTrack track) {
    return track.codec().isPresent() || !track.mimeType().isEmpty();
  }

  private Optional<RemoteTrack> find(ParticipantInfo participant) {
    for (TrackInfo track : participant.getTracksList()) {
      if (track.getSid().equals(wantedSid) || successor(participant, track)) {
        return RemoteTrack.of(participant, track);
      }
    }
    return Optional.empty();
  }

  private boolean successor(ParticipantInfo participant, TrackInfo track) {
    if (!follow || current.isPresent() || last.isEmpty()) {
      return false;
    }
    RemoteTrack before = last.get();
    return RemoteTrack.of(participant, track)
        .filter(found ->
            found.publisherIdentity().equals(before.publisherIdentity())
                && found.kind() == before.kind()
                && found.description().source().equals(before.description().source())
                && (found.codec().isEmpty() || found.codec().equals(before.codec())))
        .isPresent();
  }
}
