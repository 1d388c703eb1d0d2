package io.spillway.storage.spool;

import java.util.regex.Pattern;

/**
 * What one epoch of an egress records, as it is kept in {@code part.json}. Times are Unix
 * nanoseconds, 0 while unknown; strings are empty while unknown.
 *
 * @param epoch from 1
 * @param state how far it has come
 * @param room where the track is
 * @param track what is recorded
 * @param file where it goes
 */
public record Part(String egressId, int epoch, State state, Room room, Track track, File file) {
  /** How far a part has come. */
  public enum State {
    /** The file grows, or its writer died. */
    RECORDING,
    /** The file is closed and seekable, not yet where it belongs or not yet reported. */
    FINISHED,
    /** The world knows: only its traces are left to remove. */
    REPORTED
  }

  /** A room's sid and name, and the server it is on ({@code ws_url}). */
  public record Room(String id, String name, String serverUrl) {}

  /**
   * A published track.
   *
   * @param kind {@code audio} or {@code video}
   * @param source {@code camera}, {@code microphone} …
   * @param codec mime type in lower case
   */
  public record Track(
      String id, String kind, String source, String codec, String publisherIdentity) {}

  /**
   * The file of the part.
   *
   * @param recording absolute path of the file that is written
   * @param output storage path that it is meant for
   * @param manifest whether the caller wants a manifest beside it
   * @param startedAtNanos its first moment by this machine's clock, at which its first frame came;
   *     for about a second, until that is known, when the file was opened
   * @param endedAtNanos set with {@code durationNanos} and {@code bytes} when finished
   */
  public record File(
      String recording,
      String output,
      boolean manifest,
      long startedAtNanos,
      long endedAtNanos,
      long durationNanos,
      long bytes) {
    /** A file that is about to be written. */
    public static File begun(String recording, String output, boolean manifest, long atNanos) {
      return new File(recording, output, manifest, atNanos, 0, 0, 0);
    }
  }

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  /** Checks that the id can name a folder, and the epoch. */
  public Part {
    if (!ID.matcher(egressId).matches() || epoch < 1) {
      throw new IllegalArgumentException(
          "need an egress id of letters, digits, - and _, and epoch >= 1, was '%s', %d"
              .formatted(egressId, epoch));
    }
  }

  /** A part that begins to record. */
  public static Part begun(String egressId, int epoch, Room room, Track track, File file) {
    return new Part(egressId, epoch, State.RECORDING, room, track, file);
  }

  /** The same, its file closed. */
  public Part finished(long endedAtNanos, long durationNanos, long bytes) {
    File closed =
        new File(
            file.recording(),
            file.output(),
            file.manifest(),
            file.startedAtNanos(),
            endedAtNanos,
            durationNanos,
            bytes);
    return new Part(egressId, epoch, State.FINISHED, room, track, closed);
  }

  /** The same, its file's first moment known better. */
  public Part startedAt(long unixNanos) {
    File begun =
        new File(
            file.recording(),
            file.output(),
            file.manifest(),
            unixNanos,
            file.endedAtNanos(),
            file.durationNanos(),
            file.bytes());
    return new Part(egressId, epoch, state, room, track, begun);
  }

  /** Whether something plays in its file. */
  public boolean hasMedia() {
    return file.durationNanos() > 0;
  }

  /** The same, its end known to the world. */
  public Part reported() {
    return new Part(egressId, epoch, State.REPORTED, room, track, file);
  }
}
