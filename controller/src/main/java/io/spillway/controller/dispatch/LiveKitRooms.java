package io.spillway.controller.dispatch;

import io.spillway.core.media.Codec;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.TokenSigner;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import livekit.LivekitModels;
import livekit.LivekitRoom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks livekit-server's RoomService, once a second and room at most. A room that was not found is
 * asked for again, because a client may create one at any moment.
 */
public final class LiveKitRooms implements RoomDirectory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveKitRooms.class);

  private final RoomService service;
  private final TokenSigner tokens;
  private final SharedAnswers<Optional<String>> sids;
  private final SharedAnswers<Map<String, Codec>> codecs;

  /**
   * Nothing is sent before the first question.
   *
   * @param server {@code http(s)://} or {@code ws(s)://} address of livekit-server
   */
  public LiveKitRooms(URI server, TokenSigner tokens, TimeSource time) {
    this.service = new RoomService(server);
    this.tokens = tokens;
    this.sids = new SharedAnswers<>(this::listRooms, Optional::isPresent, time);
    this.codecs = new SharedAnswers<>(this::listTracks, _ -> true, time);
  }

  @Override
  public Optional<String> sidOf(String roomName, Deadline deadline) throws InterruptedException {
    try {
      return sids.about(roomName, deadline);
    } catch (IOException unanswered) {
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "could not ask LiveKit at %s whether room '%s' exists (%s): nothing was started"
              .formatted(service.server(), roomName, unanswered.getMessage()),
          unanswered);
    }
  }

  @Override
  public Optional<Codec> codecOf(String roomName, String trackId, Deadline deadline)
      throws InterruptedException {
    try {
      return Optional.ofNullable(codecs.about(roomName, deadline).get(trackId));
    } catch (IOException unanswered) {
      LOG.atInfo()
          .addKeyValue("room", roomName)
          .addKeyValue("reason", unanswered.getMessage())
          .log("LiveKit did not say what the room's tracks carry; the node will see");
      return Optional.empty();
    }
  }

  private Optional<String> listRooms(String roomName) throws IOException, InterruptedException {
    byte[] answer =
        service.call(
            "ListRooms",
            tokens.listRooms(),
            LivekitRoom.ListRoomsRequest.newBuilder().addNames(roomName).build());
    return LivekitRoom.ListRoomsResponse.parseFrom(answer).getRoomsList().stream()
        .filter(room -> room.getName().equals(roomName))
        .map(LivekitModels.Room::getSid)
        .findFirst();
  }

  private Map<String, Codec> listTracks(String roomName) throws IOException, InterruptedException {
    byte[] answer =
        service.call(
            "ListParticipants",
            tokens.administerRoom(roomName),
            LivekitRoom.ListParticipantsRequest.newBuilder().setRoom(roomName).build());
    Map<String, Codec> known = new HashMap<>();
    for (var participant :
        LivekitRoom.ListParticipantsResponse.parseFrom(answer).getParticipantsList()) {
      for (var track : participant.getTracksList()) {
        Codec.ofMimeType(track.getMimeType()).ifPresent(codec -> known.put(track.getSid(), codec));
      }
    }
    return known;
  }

  @Override
  public void close() {
    service.close();
    sids.clear();
    codecs.clear();
  }
}
