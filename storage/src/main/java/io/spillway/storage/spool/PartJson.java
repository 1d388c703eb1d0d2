package io.spillway.storage.spool;

import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code part.json}; see {@link SpoolJson}. */
final class PartJson {
  private static final int VERSION = 1;

  private PartJson() {}

  static byte[] write(Part part) {
    ObjectNode root = SpoolJson.begin(VERSION);
    root.put("egress_id", part.egressId());
    root.put("epoch", part.epoch());
    root.put("state", part.state().name());
    ObjectNode room = root.putObject("room");
    room.put("id", part.room().id());
    room.put("name", part.room().name());
    room.put("server_url", part.room().serverUrl());
    ObjectNode track = root.putObject("track");
    track.put("id", part.track().id());
    track.put("kind", part.track().kind());
    track.put("source", part.track().source());
    track.put("codec", part.track().codec());
    track.put("publisher_identity", part.track().publisherIdentity());
    ObjectNode file = root.putObject("file");
    file.put("recording", part.file().recording());
    file.put("output", part.file().output());
    file.put("manifest", part.file().manifest());
    file.put("started_at", part.file().startedAtNanos());
    file.put("ended_at", part.file().endedAtNanos());
    file.put("duration", part.file().durationNanos());
    file.put("bytes", part.file().bytes());
    return SpoolJson.bytes(root);
  }

  static Part read(byte[] json) throws IOException {
    return SpoolJson.read(json, VERSION, PartJson::part);
  }

  private static Part part(JsonNode root) {
    return new Part(
        text(root, "egress_id"),
        root.path("epoch").asInt(0),
        Part.State.valueOf(text(root, "state")),
        room(root.path("room")),
        track(root.path("track")),
        file(root.path("file")));
  }

  private static Part.Room room(JsonNode room) {
    return new Part.Room(text(room, "id"), text(room, "name"), text(room, "server_url"));
  }

  private static Part.Track track(JsonNode track) {
    return new Part.Track(
        text(track, "id"),
        text(track, "kind"),
        text(track, "source"),
        text(track, "codec"),
        text(track, "publisher_identity"));
  }

  private static Part.File file(JsonNode file) {
    return new Part.File(
        text(file, "recording"),
        text(file, "output"),
        file.path("manifest").asBoolean(false),
        file.path("started_at").asLong(0),
        file.path("ended_at").asLong(0),
        file.path("duration").asLong(0),
        file.path("bytes").asLong(0));
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }
}
