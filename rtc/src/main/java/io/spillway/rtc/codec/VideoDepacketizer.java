package io.spillway.rtc.codec;

import io.spillway.core.media.Codec;
import io.spillway.rtc.Frame;

/**
 * Pictures out of payloads, for every video codec. A picture ends with the RTP marker, or where the
 * timestamp changes and nothing is missing between (H.264 senders may leave the marker out, RFC
 * 6184 5.1). After a loss pictures are left out until a key frame, whatever the codec could still
 * decode: a recording must never hold a picture that shows damage. Before the first key frame
 * pictures do come out, with {@code key} false and whole as far as the codec can tell: the recorder
 * decides.
 */
final class VideoDepacketizer implements Depacketizer {
  /** Blank frames of livekit-server are 8x8 (VP8) and 2x2 (H.264); no camera is that small. */
  private static final int BLANK_MAX_PIXELS = 16;

  private final PayloadFormat format;
  private final Sink sink;
  private final Picture picture = new Picture();
  private final Frame frame = new Frame();
  private boolean open;
  private boolean broken;
  private boolean gapBefore;
  private long pictureTicks;
  private long lastArrivalNanos;
  private boolean keySeen;
  private boolean waitsForKey;
  private boolean lossPending;
  private boolean dropsBlank;
  private long dropped;
  private long blank;
  private long malformed;

  VideoDepacketizer(Codec codec, PayloadFormat format, Sink sink) {
    this.format = format;
    this.sink = sink;
    frame.codec = codec;
  }

  @Override
  public void packet(
      byte[] buffer,
      int offset,
      int length,
      boolean redundant,
      long ticks,
      boolean marker,
      long arrivalNanos) {
    if (open && ticks != pictureTicks) {
      broken |= gapBefore || format.needsMarker();
      endPicture();
    }
    if (open) {
      broken |= gapBefore;
    } else {
      beginPicture(buffer, offset, length, ticks, arrivalNanos);
    }
    gapBefore = false;
    lastArrivalNanos = Math.max(lastArrivalNanos, arrivalNanos);
    if (!broken && !format.append(buffer, offset, length, picture)) {
      malformed++;
      broken = true;
    }
    if (marker) {
      endPicture();
    }
  }

  private void beginPicture(byte[] buffer, int offset, int length, long ticks, long arrivalNanos) {
    if (gapBefore && !format.followsLastPicture(buffer, offset, length)) {
      lost();
    }
    open = true;
    pictureTicks = ticks;
    lastArrivalNanos = arrivalNanos;
    picture.clear();
    format.begin();
    broken = !format.begins(buffer, offset, length);
  }

  private void endPicture() {
    open = false;
    PayloadFormat.Outcome outcome = broken ? PayloadFormat.Outcome.BROKEN : format.finish(picture);
    switch (outcome) {
      case USABLE -> deliver();
      case EMPTY -> {}
      case BROKEN -> {
        dropped++;
        lost();
      }
    }
  }

  private void lost() {
    lossPending = true;
    waitsForKey |= keySeen;
  }

  private void deliver() {
    if (picture.key && isBlank()) {
      blank++;
      if (dropsBlank) {
        // What refers to the blank picture can't be decoded without it.
        lost();
        return;
      }
    }
    if (waitsForKey && !picture.key) {
      dropped++;
      return;
    }
    waitsForKey = false;
    keySeen |= picture.key;
    frame.ticks = pictureTicks;
    frame.arrivalNanos = lastArrivalNanos;
    frame.key = picture.key;
    frame.afterLoss = lossPending;
    lossPending = false;
    frame.width = picture.width;
    frame.height = picture.height;
    frame.data = picture.data;
    frame.offset = 0;
    frame.length = picture.length;
    sink.frame(frame);
  }

  private boolean isBlank() {
    return picture.width > 0
        && picture.width <= BLANK_MAX_PIXELS
        && picture.height <= BLANK_MAX_PIXELS;
  }

  @Override
  public void gap(long packets) {
    gapBefore |= packets > 0;
  }

  @Override
  public void restart() {
    if (open) {
      // Without its marker nobody knows whether the picture is whole.
      dropped++;
    }
    open = false;
    gapBefore = false;
    if (keySeen) {
      // What follows refers to nothing that came before.
      lost();
    }
    format.restart();
  }

  @Override
  public boolean startsKeyFrame(byte[] buffer, int offset, int length) {
    return format.startsKeyFrame(buffer, offset, length);
  }

  @Override
  public boolean waitsForKeyFrame() {
    return waitsForKey;
  }

  @Override
  public void dropBlankFrames(boolean drop) {
    dropsBlank = drop;
  }

  @Override
  public long framesDropped() {
    return dropped;
  }

  @Override
  public long blankFrames() {
    return blank;
  }

  @Override
  public long malformed() {
    return malformed;
  }

  @Override
  public long packetsFilled() {
    return 0;
  }
}
