package io.spillway.controller.dashboard;

import io.spillway.controller.status.ProgressSource.Progress;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.MediaSource;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.StreamInfo;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Egresses as the pages get them: JSON with times in Unix milliseconds, lengths in seconds, and
 * nothing secret. Pure.
 */
final class EgressViews {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long NANOS_PER_MILLI = 1_000_000;

  private EgressViews() {}

  /** A line of the list. */
  static ObjectNode row(EgressInfo info, Optional<Progress> progress) {
    ObjectNode row = JSON.createObjectNode();
    row.put("id", info.getEgressId())
        .put("status", status(info))
        .put("kind", kind(info))
        .put("source", source(info))
        .put("room", info.getRoomName())
        .put("startedAt", millis(info.getStartedAt()))
        .put("endedAt", millis(info.getEndedAt()))
        .put("updatedAt", millis(info.getUpdatedAt()))
        .put("seconds", seconds(info, progress))
        .put("bytes", bytes(info, progress))
        .put("ended", StatusOrder.isFinal(info.getStatus()))
        .put("errorCode", info.getErrorCode())
        .put("error", info.getError());
    return row;
  }

  /** All about one egress. */
  static ObjectNode detail(
      StoredEgress stored, List<TimelineEntry> timeline, Optional<Progress> progress) {
    EgressInfo info = stored.info();
    ObjectNode detail = row(info, progress);
    Explanation explanation = Explanation.of(info);
    detail
        .put("epoch", stored.epoch())
        .put("node", stored.node())
        .put("roomId", info.getRoomId())
        .put("createdAt", millis(stored.createdAtNanos()))
        .put("details", info.getDetails())
        .put("manifest", Masked.address(info.getManifestLocation()))
        .put("backupUsed", info.getBackupStorageUsed())
        .put("happened", explanation.happened())
        .put("next", explanation.next())
        .put("bad", Explanation.isBad(info.getStatus()));
    ArrayNode steps = detail.putArray("timeline");
    timeline.forEach(entry -> step(steps.addObject(), entry));
    ArrayNode files = detail.putArray("files");
    info.getFileResultsList().stream()
        .filter(file -> !file.getFilename().isEmpty() || !file.getLocation().isEmpty())
        .forEach(file -> file(files.addObject(), file));
    ArrayNode streams = detail.putArray("streams");
    info.getStreamResultsList().forEach(stream -> stream(streams.addObject(), stream));
    detail.set("request", Masked.request(info));
    return detail;
  }

  private static void step(ObjectNode step, TimelineEntry entry) {
    step.put("at", millis(entry.atNanos()))
        .put("status", word(entry.status().name()))
        .put("epoch", entry.epoch())
        .put("node", entry.node())
        .put("reason", entry.reason());
  }

  private static void file(ObjectNode node, FileInfo file) {
    String location = file.getLocation().isEmpty() ? file.getFilename() : file.getLocation();
    node.put("name", file.getFilename())
        .put("location", Masked.link(location).isEmpty() ? location : Masked.link(location))
        .put("link", Masked.link(location))
        .put("startedAt", millis(file.getStartedAt()))
        .put("seconds", file.getDuration() / 1e9)
        .put("bytes", file.getSize());
  }

  private static void stream(ObjectNode node, StreamInfo stream) {
    node.put("url", Masked.address(stream.getUrl()))
        .put("status", stream.getStatus().name().toLowerCase(Locale.ROOT))
        .put("startedAt", millis(stream.getStartedAt()))
        .put("seconds", stream.getDuration() / 1e9)
        .put("retries", stream.getRetries())
        .put("error", stream.getError());
  }

  /** {@code starting}, {@code active}, … */
  static String status(EgressInfo info) {
    return word(info.getStatus().name());
  }

  private static String word(String name) {
    return name.replaceFirst("^EGRESS_", "").toLowerCase(Locale.ROOT);
  }

  /** What kind of request it is, by EgressInfo's field. */
  static String kind(EgressInfo info) {
    return switch (info.getRequestCase()) {
      case TRACK -> "track";
      case EGRESS -> "egress";
      case ROOM_COMPOSITE -> "room_composite";
      case TRACK_COMPOSITE -> "track_composite";
      case WEB -> "web";
      case PARTICIPANT -> "participant";
      case REPLAY -> "replay";
      case REQUEST_NOT_SET -> "";
    };
  }

  private static String source(EgressInfo info) {
    return switch (info.getRequestCase()) {
      case TRACK -> info.getTrack().getTrackId();
      case TRACK_COMPOSITE ->
          (info.getTrackComposite().getAudioTrackId()
                  + " "
                  + info.getTrackComposite().getVideoTrackId())
              .strip();
      case WEB -> Masked.address(info.getWeb().getUrl());
      case PARTICIPANT -> info.getParticipant().getIdentity();
      case EGRESS -> source(info.getEgress());
      case ROOM_COMPOSITE, REPLAY, REQUEST_NOT_SET -> "";
    };
  }

  private static String source(StartEgressRequest request) {
    return switch (request.getSourceCase()) {
      case TEMPLATE -> request.getTemplate().getLayout();
      case WEB -> Masked.address(request.getWeb().getUrl());
      case MEDIA -> source(request.getMedia());
      case SOURCE_NOT_SET -> "";
    };
  }

  private static String source(MediaSource media) {
    StringBuilder tracks = new StringBuilder();
    switch (media.getVideoCase()) {
      case VIDEO_TRACK_ID -> tracks.append(media.getVideoTrackId()).append(' ');
      case PARTICIPANT_VIDEO ->
          tracks.append(media.getParticipantVideo().getIdentity()).append(' ');
      case VIDEO_NOT_SET -> {}
    }
    media
        .getAudio()
        .getRoutesList()
        .forEach(route -> tracks.append(route.getTrackId()).append(' '));
    return tracks.toString().strip();
  }

  private static double seconds(EgressInfo info, Optional<Progress> progress) {
    return progress
        .map(Progress::seconds)
        .orElseGet(
            () -> info.getFileResultsList().stream().mapToLong(FileInfo::getDuration).sum() / 1e9);
  }

  private static long bytes(EgressInfo info, Optional<Progress> progress) {
    return progress
        .map(Progress::bytes)
        .orElseGet(() -> info.getFileResultsList().stream().mapToLong(FileInfo::getSize).sum());
  }

  private static long millis(long nanos) {
    return nanos / NANOS_PER_MILLI;
  }
}
