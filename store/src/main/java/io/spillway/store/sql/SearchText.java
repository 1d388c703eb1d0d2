package io.spillway.store.sql;

import io.spillway.protocol.livekit.AudioRoute;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressInfo.RequestCase;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.protocol.livekit.MediaSource;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * What a person may look for in an egress, as one lower-case text: the databases' own ideas of
 * upper and lower case differ. Pure.
 */
final class SearchText {
  private static final int LONGEST = 4096;

  private SearchText() {}

  /** EgressInfo's request field; empty when none is set. */
  static String kind(EgressInfo info) {
    RequestCase request = info.getRequestCase();
    return request == RequestCase.REQUEST_NOT_SET ? "" : request.name().toLowerCase(Locale.ROOT);
  }

  static String of(EgressInfo info) {
    StringJoiner words = new StringJoiner(" ");
    words.add(info.getEgressId()).add(info.getRoomName()).add(info.getRoomId());
    addSource(words, info);
    for (FileInfo file : info.getFileResultsList()) {
      words.add(file.getFilename()).add(file.getLocation());
    }
    words.add(info.getError());
    String text = lower(words.toString());
    return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
  }

  private static void addSource(StringJoiner words, EgressInfo info) {
    switch (info.getRequestCase()) {
      case TRACK -> words.add(info.getTrack().getTrackId());
      case TRACK_COMPOSITE ->
          words
              .add(info.getTrackComposite().getAudioTrackId())
              .add(info.getTrackComposite().getVideoTrackId());
      case PARTICIPANT -> words.add(info.getParticipant().getIdentity());
      case WEB -> words.add(info.getWeb().getUrl());
      case EGRESS -> {
        words.add(info.getEgress().getWeb().getUrl());
        addMedia(words, info.getEgress().getMedia());
      }
      case ROOM_COMPOSITE, REPLAY, REQUEST_NOT_SET -> {}
    }
  }

  private static void addMedia(StringJoiner words, MediaSource media) {
    words.add(media.getVideoTrackId());
    for (AudioRoute route : media.getAudio().getRoutesList()) {
      words.add(route.getTrackId()).add(route.getParticipantIdentity());
    }
  }

  /** As stored and as looked for. */
  static String lower(String text) {
    return EgressRow.text(text.toLowerCase(Locale.ROOT));
  }

  /** A LIKE pattern, with {@code !} for escape, for texts that hold these characters. */
  static String holding(String text) {
    String plain = lower(text).replace("!", "!!").replace("%", "!%").replace("_", "!_");
    return "%" + plain + "%";
  }
}
