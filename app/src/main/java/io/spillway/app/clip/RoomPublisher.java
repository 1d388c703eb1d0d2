package io.spillway.app.clip;

import io.spillway.core.media.Codec;
import io.spillway.core.time.TimeSource;
import io.spillway.rtc.Publication;
import io.spillway.rtc.PublicationEvents;
import io.spillway.rtc.PublishRequest;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.TrackEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Publishes clips into a room, each over and over, until it is closed. Thread-safe. */
public final class RoomPublisher implements AutoCloseable {
  private final Publication publication;
  private final List<ClipPlayer> players = new CopyOnWriteArrayList<>();
  private final CompletableFuture<List<String>> sids = new CompletableFuture<>();
  private final CompletableFuture<TrackEvents.End> end = new CompletableFuture<>();
  private final List<Clip> clips;

  private RoomPublisher(
      RtcEngine engine, String serverUrl, Supplier<String> token, List<Clip> clips) {
    this.clips = List.copyOf(clips);
    this.publication =
        engine.publish(new PublishRequest(serverUrl, token, tracks(clips)), new Events());
  }

  /**
   * Joins and publishes; returns when the server has taken all tracks.
   *
   * @throws IllegalStateException when it doesn't within {@code wait}
   */
  public static RoomPublisher publish(
      RtcEngine engine,
      String serverUrl,
      Supplier<String> token,
      List<Clip> clips,
      TimeSource time,
      Duration wait)
      throws InterruptedException {
    RoomPublisher publisher = new RoomPublisher(engine, serverUrl, token, clips);
    try {
      publisher.sids.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      publisher.close();
      throw new IllegalStateException(
          "could not publish to " + serverUrl + " within " + wait + ": " + failed.getMessage(),
          failed);
    }
    publisher.play(time);
    return publisher;
  }

  private static List<PublishRequest.Track> tracks(List<Clip> clips) {
    List<PublishRequest.Track> out = new ArrayList<>();
    for (Clip clip : clips) {
      boolean picture = clip.codec().kind() == Codec.Kind.VIDEO;
      out.add(
          new PublishRequest.Track(
              picture ? "picture" : "sound",
              clip.codec(),
              picture ? "camera" : "microphone",
              clip.width(),
              clip.height(),
              clip.channels() == 2));
    }
    return out;
  }

  private void play(TimeSource time) {
    for (int i = 0; i < clips.size(); i++) {
      int track = i;
      players.add(
          ClipPlayer.play(
              clips.get(i),
              time,
              (ticks, frame) ->
                  publication.writeFrame(
                      track, frame.data(), 0, frame.data().length, frame.key(), ticks)));
    }
  }

  /** The tracks' ids, in the order of the clips. */
  public List<String> trackSids() {
    return sids.getNow(List.of());
  }

  /** Waits until the server ends it; the reason for people, or empty after {@code wait}. */
  public String awaitEnd(Duration wait) throws InterruptedException {
    try {
      return end.get(wait.toMillis(), TimeUnit.MILLISECONDS).text();
    } catch (TimeoutException stillThere) {
      return "";
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    players.forEach(ClipPlayer::close);
    publication.close();
  }

  private final class Events implements PublicationEvents {
    @Override
    public void published(String participantSid, List<String> trackSids) {
      sids.complete(List.copyOf(trackSids));
    }

    @Override
    public void keyFrameWanted(int track) {
      if (track < players.size()) {
        players.get(track).wantKeyFrame();
      }
    }

    @Override
    public void ended(TrackEvents.End why) {
      sids.completeExceptionally(new IllegalStateException(why.text()));
      end.complete(why);
    }
  }
}
