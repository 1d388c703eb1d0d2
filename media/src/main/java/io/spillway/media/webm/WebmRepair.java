package io.spillway.media.webm;

import io.spillway.media.FileWindow;
import io.spillway.media.GrowingBytes;
import io.spillway.media.MediaFile;
import io.spillway.media.Tail;
import io.spillway.media.TrackWriter.Finished;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Ends a WebM file of ours, after recording or after a crash: walks the clusters by their sizes and
 * marks, cuts what is torn, appends the cues, and fills in segment size, SeekHead, duration and
 * picture size in front. Copies no media, may be repeated.
 */
public final class WebmRepair {
  private static final long CUE_STEP_MILLIS = 1_000;

  private final MediaFile file;
  private final FileWindow window;
  private final Elements elements;
  private final int clockRate;
  private long segmentStart;
  private long infoStart;
  private long durationAt;
  private long tracksStart;
  private long widthAt;
  private long logEnd;
  private long endTicks;
  private long frames;
  private int width;
  private int height;
  private long[] cues = new long[256];
  private int cueValues;

  private WebmRepair(MediaFile file, int clockRate) throws IOException {
    this.file = file;
    this.window = new FileWindow(file, 256);
    this.elements = new Elements(window);
    this.clockRate = clockRate;
  }

  /**
   * What became of the file.
   *
   * @param indexMissing why the cues could not be written: the file plays, seeking is slow
   */
  public record Outcome(Finished finished, Optional<IOException> indexMissing) {}

  /** Makes the file whole; a file without a whole cluster is emptied. */
  public static Outcome finish(MediaFile file, int clockRate) throws IOException {
    WebmRepair repair = new WebmRepair(file, clockRate);
    if (!repair.readHeader() || !repair.walk()) {
      file.truncate(0);
      return new Outcome(new Finished(0, 0, 0), Optional.empty());
    }
    return repair.complete();
  }

  /** Finds the places in front that are filled in at the end. */
  private boolean readHeader() throws IOException {
    long at = 0;
    if (elements.id(at) != Ebml.HEADER) {
      return false;
    }
    at = elements.end(at);
    if (elements.id(at) != Ebml.SEGMENT) {
      return false;
    }
    segmentStart = at + 12;
    infoStart = segmentStart + WebmLayout.SEEK_HEAD_ROOM;
    if (elements.id(infoStart) != Ebml.INFO) {
      return false;
    }
    tracksStart = elements.end(infoStart);
    durationAt = tracksStart - WebmLayout.DURATION_ELEMENT;
    if (elements.id(tracksStart) != Ebml.TRACKS) {
      return false;
    }
    logEnd = elements.end(tracksStart);
    widthAt = logEnd - 6; // B0 82 ww ww BA 82 hh hh end the header
    return logEnd <= window.size();
  }

  /** Takes whole clusters and marks for as long as they come. */
  private boolean walk() throws IOException {
    boolean found = false;
    while (true) {
      long clusterAt = logEnd;
      long markAt = clusterAt;
      if (elements.id(clusterAt) == Ebml.CLUSTER
          && (window.u64(clusterAt + 4) & ~0xffffffffL) == Ebml.SIZE8) {
        markAt = elements.end(clusterAt);
      }
      if (!wholeMark(markAt)) {
        return found;
      }
      if (markAt > clusterAt) {
        cue(clusterAt);
        found = true;
      }
      takeMark(markAt);
      logEnd = markAt + WebmLayout.MARK_LENGTH;
    }
  }

  private boolean wholeMark(long at) throws IOException {
    return at + WebmLayout.MARK_LENGTH <= window.size()
        && window.u16(at) == (Ebml.VOID << 8 | 0x80 | WebmLayout.MARK_PAYLOAD)
        && window.u32(at + 2) == WebmLayout.MARK_MAGIC;
  }

  private void takeMark(long at) throws IOException {
    endTicks = window.u64(at + 6);
    frames = window.u64(at + 14);
    width = window.u16(at + 22);
    height = window.u16(at + 24);
  }

  /** A key frame always begins its cluster. */
  private void cue(long clusterAt) throws IOException {
    long millis = window.u64(clusterAt + 14);
    long blockAt = clusterAt + WebmLayout.CLUSTER_HEAD;
    boolean key = (window.u8(elements.content(blockAt) + 3) & 0x80) != 0;
    boolean tooClose = cueValues > 0 && millis - cues[cueValues - 2] < CUE_STEP_MILLIS;
    if (!key || tooClose) {
      return;
    }
    if (cueValues == cues.length) {
      cues = Arrays.copyOf(cues, cues.length * 2);
    }
    cues[cueValues++] = millis;
    cues[cueValues++] = clusterAt - segmentStart;
  }

  private Outcome complete() throws IOException {
    byte[] index = cueElement().copy();
    boolean inPlace =
        window.size() == logEnd + index.length
            && Arrays.equals(window.bytes(logEnd, index.length), index);
    Optional<IOException> indexMissing = Optional.empty();
    long end = logEnd + index.length;
    if (!inPlace) {
      file.truncate(logEnd);
      try {
        new Tail(file, logEnd).append(index, 0, index.length);
      } catch (IOException e) {
        indexMissing = Optional.of(e); // told by the outcome; the rest needs no room on disk
        end = logEnd;
      }
    }
    fillFront(end, indexMissing.isEmpty());
    return new Outcome(new Finished(endTicks, end, frames), indexMissing);
  }

  private GrowingBytes cueElement() {
    GrowingBytes points = new GrowingBytes(64 + cueValues * 16);
    for (int i = 0; i < cueValues; i += 2) {
      GrowingBytes position = new GrowingBytes(16);
      Ebml.number(position, Ebml.CUE_TRACK, 1);
      Ebml.number(position, Ebml.CUE_CLUSTER_POSITION, cues[i + 1]);
      GrowingBytes point = new GrowingBytes(32);
      Ebml.number(point, Ebml.CUE_TIME, cues[i]);
      Ebml.master(point, Ebml.CUE_TRACK_POSITIONS, position);
      Ebml.master(points, Ebml.CUE_POINT, point);
    }
    GrowingBytes out = new GrowingBytes(points.size() + 16);
    Ebml.master(out, Ebml.CUES, points);
    return out;
  }

  private void fillFront(long fileEnd, boolean withCues) throws IOException {
    GrowingBytes seeks = new GrowingBytes(WebmLayout.SEEK_HEAD_ROOM);
    seek(seeks, Ebml.INFO, infoStart);
    seek(seeks, Ebml.TRACKS, tracksStart);
    if (withCues) {
      seek(seeks, Ebml.CUES, logEnd);
    }
    GrowingBytes front = new GrowingBytes(WebmLayout.SEEK_HEAD_ROOM + 8);
    front.u64(fileEnd - segmentStart | Ebml.SIZE8);
    Ebml.master(front, Ebml.SEEK_HEAD, seeks);
    Ebml.room(front, WebmLayout.SEEK_HEAD_ROOM + 8 - front.size());
    put(segmentStart - 8, front);
    GrowingBytes duration = new GrowingBytes(WebmLayout.DURATION_ELEMENT);
    Ebml.decimal(duration, Ebml.DURATION, endTicks * 1000.0 / clockRate);
    put(durationAt, duration);
    GrowingBytes size = new GrowingBytes(6).u16(width).u8(Ebml.PIXEL_HEIGHT).u8(0x82).u16(height);
    put(widthAt, size);
  }

  /** Each piece by itself: a process may have been killed between any two of them. */
  private void put(long at, GrowingBytes piece) throws IOException {
    if (!Arrays.equals(window.bytes(at, piece.size()), piece.copy())) {
      file.write(at, piece.array(), 0, piece.size());
    }
  }

  private void seek(GrowingBytes out, int id, long at) {
    GrowingBytes children = new GrowingBytes(32);
    GrowingBytes idBytes = new GrowingBytes(4);
    Ebml.id(idBytes, id);
    Ebml.binary(children, Ebml.SEEK_ID, idBytes.copy());
    Ebml.number(children, Ebml.SEEK_POSITION, at - segmentStart);
    Ebml.master(out, Ebml.SEEK, children);
  }
}
