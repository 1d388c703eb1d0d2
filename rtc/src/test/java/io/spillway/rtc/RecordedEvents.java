package io.spillway.rtc;

import io.spillway.core.media.Codec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a subscription tells, for tests. */
final class RecordedEvents implements TrackEvents {
  /** A copy of a frame. */
  @SuppressWarnings("ArrayRecordComponent") // compared by what the test reads out of it
  record Seen(
      Codec codec,
      long ticks,
      boolean key,
      boolean afterLoss,
      boolean discontinuity,
      int width,
      byte[] data) {}

  final List<String> told = new CopyOnWriteArrayList<>();
  private final List<Seen> frames = new ArrayList<>();
  volatile Optional<TrackDescription> description = Optional.empty();
  volatile Optional<End> end = Optional.empty();
  volatile long firstFrameNanos;
  volatile long subscribedNanos;

  @Override
  public void joined(String roomSid, String roomName, String participantSid) {
    told.add("joined " + roomName);
  }

  @Override
  public void subscribed(TrackDescription track) {
    subscribedNanos = System.nanoTime();
    description = Optional.of(track);
    told.add("subscribed");
  }

  @Override
  public void frame(Frame frame) {
    if (firstFrameNanos == 0) {
      firstFrameNanos = System.nanoTime();
    }
    byte[] data = Arrays.copyOfRange(frame.data, frame.offset, frame.offset + frame.length);
    synchronized (frames) {
      frames.add(
          new Seen(
              frame.codec,
              frame.ticks,
              frame.key,
              frame.afterLoss,
              frame.discontinuity,
              frame.width,
              data));
    }
  }

  @Override
  public void flow(Flow flow) {
    told.add("flow " + flow);
  }

  @Override
  public void reconnecting(boolean underWay) {
    told.add("reconnecting " + underWay);
  }

  @Override
  public void ended(End cause) {
    end = Optional.of(cause);
    told.add("ended " + cause.cause());
  }

  List<Seen> frames() {
    synchronized (frames) {
      return List.copyOf(frames);
    }
  }

  int frameCount() {
    synchronized (frames) {
      return frames.size();
    }
  }
}
