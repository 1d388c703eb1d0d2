package io.spillway.rtc;

import io.spillway.core.media.Codec;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Publishes one track of made-up frames by the real engine: their headers are right, their bodies
 * are numbers, so that a test can tell which came out. Writes every 20 ms (audio) or 40 ms.
 */
final class TestPublisher implements PublicationEvents, AutoCloseable {
  private final TimeSource time;
  private final Codec codec;
  private final Publication publication;
  private final CompletableFuture<List<String>> sids = new CompletableFuture<>();
  private final Random random = new Random(1);
  private volatile boolean writing = true;
  private volatile boolean keyWanted = true;
  private final AtomicInteger written = new AtomicInteger();
  volatile Optional<TrackEvents.End> end = Optional.empty();

  TestPublisher(RtcEngine engine, TimeSource time, LiveKitServer server, String room, Codec codec) {
    this.time = time;
    this.codec = codec;
    boolean audio = codec.kind() == Codec.Kind.AUDIO;
    PublishRequest.Track track =
        new PublishRequest.Track(
            "made-up",
            codec,
            audio ? "microphone" : "camera",
            audio ? 0 : 320,
            audio ? 0 : 180,
            audio);
    publication =
        engine.publish(
            new PublishRequest(
                server.url(), () -> server.publisherToken(room, "publisher"), List.of(track)),
            this);
  }

  String sid() throws Exception {
    return sids.get(15, TimeUnit.SECONDS).getFirst();
  }

  Publication publication() {
    return publication;
  }

  @Override
  public void published(String participantSid, List<String> trackSids) {
    sids.complete(trackSids);
    write();
  }

  private void write() {
    if (!writing) {
      return;
    }
    boolean audio = codec.kind() == Codec.Kind.AUDIO;
    int number = written.getAndIncrement();
    byte[] frame = audio ? audio(number) : picture(number, keyWanted);
    publication.writeFrame(
        0, frame, 0, frame.length, audio || keyWanted, number * (audio ? 960L : 3600L));
    keyWanted = false;
    var _ = time.after(Duration.ofMillis(audio ? 20 : 40), this::write);
  }

  private static byte[] audio(int number) {
    return new byte[] {
      (byte) 0xfc, (byte) (number >> 16), (byte) (number >> 8), (byte) number, 1, 2, 3, 4, 5, 6
    };
  }

  /** A VP8 frame: the header of RFC 6386, 9.1, then a number and noise. */
  private byte[] picture(int number, boolean key) {
    byte[] data = new byte[key ? 3_000 : 700];
    random.nextBytes(data);
    data[0] = (byte) (key ? 0x10 : 0x11);
    int at = 3;
    if (key) {
      byte[] start = {(byte) 0x9d, 1, 0x2a, 0x40, 1, (byte) 180, 0};
      System.arraycopy(start, 0, data, at, start.length);
      at += start.length;
    }
    data[at] = (byte) (number >> 16);
    data[at + 1] = (byte) (number >> 8);
    data[at + 2] = (byte) number;
    return data;
  }

  /** The number that a frame of ours carries. */
  static int number(RecordedEvents.Seen frame) {
    int at = frame.codec() == Codec.OPUS ? 1 : frame.key() ? 10 : 3;
    byte[] data = frame.data();
    return ((data[at] & 0xff) << 16) | ((data[at + 1] & 0xff) << 8) | (data[at + 2] & 0xff);
  }

  @Override
  public void keyFrameWanted(int track) {
    keyWanted = true;
  }

  @Override
  public void ended(TrackEvents.End cause) {
    writing = false;
    end = Optional.of(cause);
    sids.completeExceptionally(new IllegalStateException(cause.toString()));
  }

  int written() {
    return written.get();
  }

  void pause() {
    writing = false;
  }

  void resume() {
    writing = true;
    write();
  }

  @Override
  public void close() {
    writing = false;
    publication.close();
  }
}
