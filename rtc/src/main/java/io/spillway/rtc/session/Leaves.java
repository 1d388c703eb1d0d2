package io.spillway.rtc.session;

import io.spillway.rtc.session.SessionEvent.Leave;
import io.spillway.rtc.session.SessionEvent.ServerLeft;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitRtc.LeaveRequest;

/** Reads LiveKit's leave requests. Pure. */
final class Leaves {
  private Leaves() {}

  /**
   * What a leave request asks for. The reason decides where it is final, whatever the action says;
   * else the action. A server that shuts down says DISCONNECT (SERVER_SHUTDOWN): another node, or
   * the same a moment later, may have the room again, so that is worth a re-join.
   */
  static ServerLeft read(LeaveRequest request) {
    DisconnectReason reason = request.getReason();
    String text = "the server asked to leave: " + reason + " (" + request.getAction() + ")";
    Leave leave =
        switch (reason) {
          case DUPLICATE_IDENTITY -> Leave.DUPLICATE_IDENTITY;
          case PARTICIPANT_REMOVED, USER_REJECTED -> Leave.REMOVED;
          case ROOM_DELETED, ROOM_CLOSED -> Leave.ROOM_CLOSED;
          default ->
              request.getAction() == LeaveRequest.Action.RESUME ? Leave.RESUME : Leave.REJOIN;
        };
    return new ServerLeft(leave, text);
  }
}
