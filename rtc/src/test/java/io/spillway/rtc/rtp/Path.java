package io.spillway.rtc.rtp;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;
import io.spillway.rtc.codec.SampleFrames;
import io.spillway.rtc.rtp.PayloadType.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A sender and a receiver with a bad network between, in simulated time. */
final class Path {
  record Got(
      String data, long ticks, boolean key, boolean afterLoss, boolean discontinuity, long unix) {}

  static final long MILLIS = 1_000_000L;
  static final long START_UNIX = 1_800_000_000_000_000_000L;
  private static final int MEDIA = 96;
  private static final int RTX = 97;

  final List<Got> got = new ArrayList<>();
  final Map<Long, String> sentByTicks = new HashMap<>();
  final BadNetwork network;
  final TrackReceiver receiver;
  final Codec codec;
  TrackSender sender;
  long now = 5_000 * MILLIS;
  long ticks = 90_000;
  boolean keyWanted = true;
  int keyFrames;
  private final SplittableRandom random;
  private final boolean rtx;
  private long senderTick;
  private int ssrc = 1;

  Path(Codec codec, long seed, boolean rtx, BadNetwork.Weather weather) {
    this.codec = codec;
    this.rtx = rtx;
    random = new SplittableRandom(seed);
    network = new BadNetwork(seed, weather);
    receiver =
        new TrackReceiver(
            codec,
            List.of(
                new PayloadType(MEDIA, codec, Kind.MEDIA, MEDIA, Map.of()),
                new PayloadType(RTX, codec, Kind.RTX, MEDIA, Map.of())),
            random.split(),
            new TrackReceiver.Out() {
              @Override
              public void frame(Frame frame) {
                keep(frame);
              }

              @Override
              public void sendRtcp(byte[] buffer, int offset, int length) {
                requireRoom(buffer, offset, length);
                network.send(buffer, offset, length, now, Path.this::toSender);
              }
            });
    newSender();
  }

  /** The publisher's side begins anew: other SSRC, sequence numbers, timestamps. */
  void newSender() {
    ssrc += 10;
    sender =
        new TrackSender(
            new TrackSender.Settings(codec, MEDIA, ssrc, rtx ? RTX : -1, ssrc + 1, "sender"),
            random.split(),
            new TrackSender.Out() {
              @Override
              public void sendRtp(byte[] buffer, int offset, int length) {
                requireRoom(buffer, offset, length);
                network.send(buffer, offset, length, now, receiver::rtp);
              }

              @Override
              public void sendRtcp(byte[] buffer, int offset, int length) {
                requireRoom(buffer, offset, length);
                network.send(buffer, offset, length, now, receiver::rtcp);
              }

              @Override
              public void keyFrameWanted() {
                keyWanted = true;
              }
            });
    senderTick = 0;
  }

  private void toSender(byte[] buffer, int offset, int length, long nowNanos) {
    sender.rtcp(buffer, offset, length, nowNanos);
  }

  private static void requireRoom(byte[] buffer, int offset, int length) {
    if (buffer.length - offset - length < 64) {
      throw new AssertionError("no room for the tag");
    }
  }

  private void keep(Frame frame) {
    got.add(
        new Got(
            HexFormat.of().formatHex(frame.data, frame.offset, frame.offset + frame.length),
            frame.ticks,
            frame.key,
            frame.afterLoss,
            frame.discontinuity,
            frame.captureUnixNanos));
  }

  boolean video() {
    return codec.kind() == Codec.Kind.VIDEO;
  }

  long frameMillis() {
    return video() ? 40 : 20;
  }

  /** Sends so many frames at their pace, and lets time pass. */
  void run(int frames) {
    for (int i = 0; i < frames; i++) {
      boolean key = !video() || keyWanted;
      keyFrames += key ? 1 : 0;
      keyWanted = false;
      int size = video() ? (key ? 12_000 : 200 + random.nextInt(4_000)) : 40 + random.nextInt(80);
      byte[] data = SampleFrames.frame(codec, key, size, random);
      sentByTicks.put(ticks, HexFormat.of().formatHex(data));
      sender.frame(data, 0, data.length, key, ticks, now);
      pass(frameMillis());
      ticks += frameMillis() * codec.clockRate() / 1_000;
    }
  }

  /** Lets time pass, a millisecond at a time. */
  void pass(long millis) {
    for (long i = 0; i < millis; i++) {
      now += MILLIS;
      network.deliverUntil(now);
      if (now >= senderTick) {
        senderTick = sender.tick(now, START_UNIX + now);
      }
      if (now >= receiver.wantsTickAtNanos()) {
        receiver.tick(now);
      }
    }
  }

  /** What was sent, in order, as it should come out. */
  List<String> sent() {
    return sentByTicks.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }

  List<String> data() {
    return got.stream().map(Got::data).toList();
  }
}
