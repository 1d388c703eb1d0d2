package io.spillway.media.webm;

import io.spillway.core.media.Codec;
import io.spillway.media.GrowingBytes;
import io.spillway.media.MediaFile;
import io.spillway.media.Tail;
import io.spillway.media.TrackWriter;
import io.spillway.media.bitstream.Av1Sequence;
import io.spillway.media.bitstream.PictureSize;
import io.spillway.media.bitstream.VpxHeaders;
import java.io.IOException;
import java.util.Arrays;

/**
 * VP8, VP9 or AV1 into WebM; {@link WebmLayout} shows the file. It begins with the first key frame,
 * which tells the picture size; frames before it are left out. Between two flushes a cluster is
 * built in memory; it ends earlier at a key frame, after five seconds or at four megabytes. Frames
 * are expected in decoding order, which in WebRTC is showing order (no B-frames). Not thread-safe.
 */
public final class WebmWriter implements TrackWriter {
  private static final int MAX_CLUSTER_MILLIS = 5_000;
  private static final int MAX_CLUSTER_BYTES = 4 << 20;
  private static final int KEPT_BUFFER_BYTES = 1 << 20;
  private static final int KEY_FLAG = 0x80;

  private final Codec codec;
  private final MediaFile file;
  private final Tail tail;
  private final PictureSize announced;
  private GrowingBytes cluster = new GrowingBytes(16 << 10);
  private PictureSize largest = PictureSize.UNKNOWN;
  private boolean headWritten;
  private boolean broken;
  private boolean closed;
  private long clusterMillis;
  private long lastTicks = -1;
  private long lastStepTicks;
  private long heldTicks;
  private long markedTicks;
  private long frames;
  private long leftOut;

  /**
   * @param file empty
   * @param announced picture size as signalled, used where key frames don't tell
   */
  public WebmWriter(Codec codec, MediaFile file, PictureSize announced) {
    this.codec = codec;
    this.file = file;
    this.tail = new Tail(file, 0);
    this.announced = announced;
    this.lastStepTicks = codec.clockRate() / 30;
  }

  @Override
  public void frame(long atTicks, boolean key, byte[] data, int offset, int length)
      throws IOException {
    requireOpen();
    if (length == 0 || (!headWritten && !key)) {
      leftOut++;
      return;
    }
    // Each block a millisecond of its own: two with one timestamp are an error to strict players.
    long at = Math.max(atTicks, lastTicks < 0 ? 0 : lastTicks + codec.clockRate() / 1000);
    if (key) {
      writeCluster();
      keyFrame(data, offset, length);
    }
    block(WebmTimes.millis(at, codec), key, data, offset, length);
    if (lastTicks >= 0) {
      lastStepTicks = Math.min(at - lastTicks, codec.clockRate());
    }
    lastTicks = at;
    frames++;
  }

  private void requireOpen() throws IOException {
    if (broken || closed) {
      throw new IOException(
          "WebM file takes no more frames: a write before failed or it is closed");
    }
  }

  private void keyFrame(byte[] data, int offset, int length) throws IOException {
    byte[] codecPrivate = new byte[0];
    PictureSize size = PictureSize.UNKNOWN;
    if (codec == Codec.VP8) {
      size = VpxHeaders.vp8(data, offset, length);
    } else if (codec == Codec.VP9) {
      size = VpxHeaders.vp9(data, offset, length);
    } else {
      long found = Av1Sequence.find(data, offset, length);
      if (found >= 0) {
        byte[] header = Arrays.copyOfRange(data, (int) (found >> 32), (int) found);
        Av1Sequence sequence = Av1Sequence.of(header);
        size = sequence.size();
        codecPrivate = new GrowingBytes(64).bytes(sequence.configuration()).bytes(header).copy();
      }
    }
    largest = largest.max(size.known() ? size : announced);
    if (!headWritten) {
      append(WebmLayout.header(codecId(), largest, codecPrivate));
      headWritten = true;
    }
  }

  private String codecId() {
    return switch (codec) {
      case VP8 -> "V_VP8";
      case VP9 -> "V_VP9";
      case AV1 -> "V_AV1";
      default -> throw new IllegalArgumentException(codec + " doesn't go into WebM");
    };
  }

  private void block(long millis, boolean key, byte[] data, int offset, int length)
      throws IOException {
    if (cluster.size() > 0
        && (millis - clusterMillis > MAX_CLUSTER_MILLIS
            || cluster.size() + length > MAX_CLUSTER_BYTES)) {
      writeCluster();
    }
    if (cluster.size() == 0) {
      clusterMillis = millis;
      Ebml.id(cluster, Ebml.CLUSTER);
      cluster.u64(0);
      Ebml.id(cluster, Ebml.TIMESTAMP);
      Ebml.size(cluster, 8);
      cluster.u64(millis);
    }
    Ebml.id(cluster, Ebml.SIMPLE_BLOCK);
    Ebml.size(cluster, length + 4L);
    cluster.u8(0x81).u16((int) (millis - clusterMillis)).u8(key ? KEY_FLAG : 0);
    cluster.bytes(data, offset, length);
  }

  @Override
  public void holdUntil(long atTicks) {
    heldTicks = Math.max(heldTicks, atTicks);
  }

  @Override
  public void flush() throws IOException {
    if (headWritten && !broken && !closed) {
      writeCluster();
    }
  }

  /** With no frames since the last one only a mark, where time went on. */
  private void writeCluster() throws IOException {
    long end = endTicks();
    if (cluster.size() > 0) {
      long size = cluster.size() - 12L | Ebml.SIZE8;
      cluster.patchU32(4, size >>> 32);
      cluster.patchU32(8, size);
    } else if (end <= markedTicks) {
      return;
    }
    WebmLayout.mark(cluster, end, frames, largest);
    try {
      append(cluster);
      markedTicks = end;
    } finally {
      boolean outgrown = cluster.array().length > KEPT_BUFFER_BYTES;
      cluster = outgrown ? new GrowingBytes(KEPT_BUFFER_BYTES) : cluster;
      cluster.clear();
    }
  }

  /** The last frame is shown as long as the one before it was, or as long as it was held. */
  private long endTicks() {
    return lastTicks < 0 ? 0 : Math.max(lastTicks + lastStepTicks, heldTicks);
  }

  private void append(GrowingBytes bytes) throws IOException {
    try {
      tail.append(bytes);
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }

  /** Frames before the first key frame, and empty ones. */
  public long leftOut() {
    return leftOut;
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public long bytesWritten() {
    return tail.end();
  }

  @Override
  public Finished finish() throws IOException {
    flush();
    WebmRepair.Outcome outcome = WebmRepair.finish(file, codec.clockRate());
    if (outcome.indexMissing().isPresent() && !broken) {
      broken = true;
      IOException cause = outcome.indexMissing().get();
      throw new IOException(
          "WebM cues could not be written; the file plays without them: " + cause.getMessage(),
          cause);
    }
    close();
    return outcome.finished();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      file.close();
    } catch (IOException e) {
      broken = true; // closing writes nothing: what was flushed is there
    }
  }
}
