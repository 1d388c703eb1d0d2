package io.spillway.media.webm;

import io.spillway.media.GrowingBytes;
import io.spillway.media.bitstream.PictureSize;

/*
 * The file as we write it:
 *
 *   EBML header
 *   Segment (size unknown while recording, eight bytes)
 *     Void, ROOM_FOR_SEEK_HEAD bytes   -> SeekHead at the end
 *     Info: ..., Void of 11 bytes      -> Duration at the end
 *     Tracks
 *     { Cluster, Mark } | Mark ...     appended once a second, never changed
 *     Cues                             at the end
 *
 * A Mark is a Void element, which every player skips: how far the file reaches, how many frames it
 * holds, the largest picture. It makes a muted minute visible in the file, and finishing costs one
 * short read per cluster instead of one per frame. Clusters have their size from the start, so
 * parts of the file that were uploaded stay valid; a cluster is what came between two flushes.
 */
/** Where things lie in our WebM files. No state. */
final class WebmLayout {
  /** The scale of all times: one millisecond, in nanoseconds. */
  static final long SCALE_NANOS = 1_000_000;

  static final int SEEK_HEAD_ROOM = 100;
  static final int DURATION_ELEMENT = 11;
  static final int MARK_LENGTH = 26;
  static final int MARK_PAYLOAD = MARK_LENGTH - 2;
  static final long MARK_MAGIC = 0x53505759; // "SPWY"

  /** Cluster id, eight-byte size, timestamp element with eight bytes. */
  static final int CLUSTER_HEAD = 4 + 8 + 10;

  private WebmLayout() {}

  /** Everything in front of the first cluster. */
  static GrowingBytes header(String codecId, PictureSize size, byte[] codecPrivate) {
    GrowingBytes out = new GrowingBytes(512);
    Ebml.master(out, Ebml.HEADER, documentType());
    Ebml.id(out, Ebml.SEGMENT);
    out.u64(Ebml.UNKNOWN_SIZE);
    Ebml.room(out, SEEK_HEAD_ROOM);
    GrowingBytes info = new GrowingBytes(128);
    Ebml.number(info, Ebml.TIMESTAMP_SCALE, SCALE_NANOS);
    Ebml.text(info, Ebml.MUXING_APP, "Spillway");
    Ebml.text(info, Ebml.WRITING_APP, "Spillway");
    Ebml.room(info, DURATION_ELEMENT);
    Ebml.master(out, Ebml.INFO, info);
    GrowingBytes tracks = new GrowingBytes(256);
    Ebml.master(tracks, Ebml.TRACK_ENTRY, trackEntry(codecId, size, codecPrivate));
    Ebml.master(out, Ebml.TRACKS, tracks);
    return out;
  }

  private static GrowingBytes documentType() {
    GrowingBytes out = new GrowingBytes(64);
    Ebml.number(out, 0x4286, 1); // EBMLVersion
    Ebml.number(out, 0x42f7, 1); // EBMLReadVersion
    Ebml.number(out, 0x42f2, 4); // EBMLMaxIDLength
    Ebml.number(out, 0x42f3, 8); // EBMLMaxSizeLength
    Ebml.text(out, 0x4282, "webm"); // DocType
    Ebml.number(out, 0x4287, 4); // DocTypeVersion
    Ebml.number(out, 0x4285, 2); // DocTypeReadVersion
    return out;
  }

  private static GrowingBytes trackEntry(String codecId, PictureSize size, byte[] codecPrivate) {
    GrowingBytes out = new GrowingBytes(128);
    Ebml.number(out, Ebml.TRACK_NUMBER, 1);
    Ebml.number(out, Ebml.TRACK_UID, 1);
    Ebml.number(out, Ebml.TRACK_TYPE, 1);
    Ebml.number(out, Ebml.FLAG_LACING, 0);
    Ebml.text(out, Ebml.CODEC_ID, codecId);
    if (codecPrivate.length > 0) {
      Ebml.binary(out, Ebml.CODEC_PRIVATE, codecPrivate);
    }
    GrowingBytes video = new GrowingBytes(16);
    size16(video, Ebml.PIXEL_WIDTH, size.width());
    size16(video, Ebml.PIXEL_HEIGHT, size.height());
    Ebml.master(out, Ebml.VIDEO, video);
    return out;
  }

  /** Always two bytes, so that a larger picture later on can be written over it. */
  private static void size16(GrowingBytes out, int id, int value) {
    Ebml.id(out, id);
    Ebml.size(out, 2);
    out.u16(value);
  }

  static void mark(GrowingBytes out, long endTicks, long frames, PictureSize largest) {
    Ebml.id(out, Ebml.VOID);
    Ebml.size(out, MARK_PAYLOAD);
    out.u32(MARK_MAGIC).u64(endTicks).u64(frames).u16(largest.width()).u16(largest.height());
  }
}
