package io.spillway.rtc.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import io.spillway.rtc.signal.TrackWatch.Change;
import java.util.List;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.ParticipantInfo.State;
import livekit.LivekitModels.TrackInfo;
import livekit.LivekitModels.TrackSource;
import livekit.LivekitModels.TrackType;
import org.junit.jupiter.api.Test;

class TrackWatchTest {
  private static final TrackInfo MIC =
      TrackInfo.newBuilder()
          .setSid("TR_1")
          .setType(TrackType.AUDIO)
          .setSource(TrackSource.MICROPHONE)
          .setMimeType("audio/red")
          .build();

  @Test
  void findsTheTrackAmongTheOthersOfTheJoin() {
    TrackWatch watch = new TrackWatch("TR_1", false);
    Change change =
        watch.joined(
            List.of(person("PA_x", "x"), person("PA_a", "a", video("TR_9", "video/VP8"), MIC)));
    assertThat(change).isInstanceOf(Change.Appeared.class);
    RemoteTrack track = watch.current().orElseThrow();
    assertThat(track.codec()).contains(Codec.OPUS);
    assertThat(track.description().source()).isEqualTo("microphone");
    assertThat(track.description().publisherIdentity()).isEqualTo("a");
  }

  @Test
  void aLaterListShowsMuteUnpublishAndLeave() {
    TrackWatch watch = new TrackWatch("TR_1", false);
    watch.joined(List.of(person("PA_a", "a", MIC)));
    TrackInfo muted = MIC.toBuilder().setMuted(true).build();
    assertThat(watch.updated(List.of(person("PA_a", "a", muted))))
        .isInstanceOfSatisfying(
            Change.Updated.class,
            updated -> assertThat(updated.track().description().muted()).isTrue());
    assertThat(watch.updated(List.of(person("PA_b", "b")))).isInstanceOf(Change.Nothing.class);
    assertThat(watch.updated(List.of(person("PA_a", "a")))).isInstanceOf(Change.Unpublished.class);
    assertThat(watch.current()).isEmpty();
    watch.updated(List.of(person("PA_a", "a", MIC)));
    ParticipantInfo left =
        person("PA_a", "a", MIC).toBuilder().setState(State.DISCONNECTED).build();
    assertThat(watch.updated(List.of(left))).isInstanceOf(Change.PublisherLeft.class);
  }

  @Test
  void theSameIdentityLeavingUnderAnOldSidMeansNothing() {
    TrackWatch watch = new TrackWatch("TR_1", false);
    watch.joined(List.of(person("PA_new", "a", MIC)));
    ParticipantInfo old = person("PA_old", "a").toBuilder().setState(State.DISCONNECTED).build();
    assertThat(watch.updated(List.of(old))).isInstanceOf(Change.Nothing.class);
    assertThat(watch.current()).isPresent();
  }

  @Test
  void theSameIdentityJoinedAnewMeansThatThePublisherLeftUnheard() {
    TrackWatch watch = new TrackWatch("TR_1", false);
    watch.joined(List.of(at(2000, person("PA_old", "a", MIC))));
    assertThat(watch.updated(List.of(at(1000, person("PA_older", "a")))))
        .isInstanceOf(Change.Nothing.class);
    assertThat(watch.updated(List.of(at(3000, person("PA_other", "b")))))
        .isInstanceOf(Change.Nothing.class);
    assertThat(watch.updated(List.of(at(3000, person("PA_new", "a")))))
        .isInstanceOf(Change.PublisherLeft.class);
    assertThat(watch.current()).isEmpty();
  }

  private static ParticipantInfo at(long joinedAtMillis, ParticipantInfo participant) {
    return participant.toBuilder().setJoinedAtMs(joinedAtMillis).build();
  }

  @Test
  void aVideoTrackIsThereOnceItsCodecIsKnown() {
    TrackWatch watch = new TrackWatch("TR_9", false);
    assertThat(watch.joined(List.of(person("PA_a", "a", video("TR_9", "")))))
        .isInstanceOf(Change.Nothing.class);
    assertThat(watch.updated(List.of(person("PA_a", "a", video("TR_9", "video/H264")))))
        .isInstanceOf(Change.Appeared.class);
    assertThat(watch.current().orElseThrow().codec()).contains(Codec.H264);
  }

  @Test
  void anUnknownCodecIsReportedAsSuch() {
    TrackWatch watch = new TrackWatch("TR_9", false);
    watch.joined(List.of(person("PA_a", "a", video("TR_9", "video/mpeg"))));
    assertThat(watch.current().orElseThrow().codec()).isEmpty();
    assertThat(watch.current().orElseThrow().mimeType()).isEqualTo("video/mpeg");
  }

  @Test
  void aTrackPublishedAnewIsFollowedOnlyWhenAskedAndOnlyOfTheSamePersonSourceAndCodec() {
    TrackInfo again = MIC.toBuilder().setSid("TR_2").build();
    TrackInfo other = again.toBuilder().setSource(TrackSource.SCREEN_SHARE_AUDIO).build();
    for (boolean follow : new boolean[] {false, true}) {
      TrackWatch watch = new TrackWatch("TR_1", follow);
      watch.joined(List.of(person("PA_a", "a", MIC)));
      watch.updated(List.of(person("PA_a", "a")));
      watch.updated(List.of(person("PA_b", "b", again), person("PA_a", "a", other)));
      assertThat(watch.current()).isEmpty();
      Change change = watch.updated(List.of(person("PA_a2", "a", other, again)));
      if (follow) {
        assertThat(change).isInstanceOf(Change.Appeared.class);
        assertThat(watch.sid()).isEqualTo("TR_2");
      } else {
        assertThat(change).isInstanceOf(Change.Nothing.class);
      }
    }
  }

  private static TrackInfo video(String sid, String mimeType) {
    return TrackInfo.newBuilder()
        .setSid(sid)
        .setType(TrackType.VIDEO)
        .setMimeType(mimeType)
        .build();
  }

  private static ParticipantInfo person(String sid, String identity, TrackInfo... tracks) {
    return ParticipantInfo.newBuilder()
        .setSid(sid)
        .setIdentity(identity)
        .setState(State.ACTIVE)
        .addAllTracks(List.of(tracks))
        .build();
  }
}
