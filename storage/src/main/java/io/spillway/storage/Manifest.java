package io.spillway.storage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * The list of what an egress left, as livekit/egress writes it ({@code pkg/config/manifest.go}):
 * field names and order are its, empty fields are left out, one line. Times are Unix nanoseconds;
 * an image's is RFC 3339.
 *
 * @param url the page of a Web egress
 * @param trackKind {@code audio} or {@code video}
 */
@JsonPropertyOrder({
  "egress_id",
  "room_id",
  "room_name",
  "url",
  "started_at",
  "ended_at",
  "publisher_identity",
  "track_id",
  "track_kind",
  "track_source",
  "audio_track_id",
  "video_track_id",
  "files",
  "playlists",
  "images"
})
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Manifest(
    @JsonProperty("egress_id") String egressId,
    @JsonProperty("room_id") String roomId,
    @JsonProperty("room_name") String roomName,
    @JsonProperty("url") String url,
    @JsonProperty("started_at") @JsonInclude(JsonInclude.Include.NON_DEFAULT) long startedAtNanos,
    @JsonProperty("ended_at") @JsonInclude(JsonInclude.Include.NON_DEFAULT) long endedAtNanos,
    @JsonProperty("publisher_identity") String publisherIdentity,
    @JsonProperty("track_id") String trackId,
    @JsonProperty("track_kind") String trackKind,
    @JsonProperty("track_source") String trackSource,
    @JsonProperty("audio_track_id") String audioTrackId,
    @JsonProperty("video_track_id") String videoTrackId,
    @JsonProperty("files") List<Output> files,
    @JsonProperty("playlists") List<Playlist> playlists,
    @JsonProperty("images") List<Image> images) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A file or a segment: its storage path and where it can be had. */
  @JsonPropertyOrder({"filename", "location"})
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Output(
      @JsonProperty("filename") String filename, @JsonProperty("location") String location) {}

  /** A playlist with its segments. */
  @JsonPropertyOrder({"location", "segments"})
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Playlist(
      @JsonProperty("location") String location, @JsonProperty("segments") List<Output> segments) {
    /** Copies the list. */
    public Playlist {
      segments = List.copyOf(segments);
    }
  }

  /** An image and the moment it shows. */
  @JsonPropertyOrder({"filename", "timestamp", "location"})
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Image(
      @JsonProperty("filename") String filename,
      @JsonProperty("timestamp") Instant timestamp,
      @JsonProperty("location") String location) {}

  /** Copies the lists. */
  public Manifest {
    files = List.copyOf(files);
    playlists = List.copyOf(playlists);
    images = List.copyOf(images);
  }

  /** The manifest of one recorded track. */
  public static Manifest ofTrack(
      String egressId, String roomId, String roomName, Track track, List<Output> files) {
    return new Manifest(
        egressId,
        roomId,
        roomName,
        "",
        track.startedAtNanos(),
        track.endedAtNanos(),
        track.publisherIdentity(),
        track.id(),
        track.kind(),
        track.source(),
        "",
        "",
        files,
        List.of(),
        List.of());
  }

  /** The track of a Track egress, for {@link #ofTrack}. */
  public record Track(
      String id,
      String kind,
      String source,
      String publisherIdentity,
      long startedAtNanos,
      long endedAtNanos) {}

  /** As it is written, with a line feed at the end as Go's encoder has it. */
  public byte[] toJson() {
    return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Writes it atomically, over an older one of the same egress. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, toJson());
  }
}
