package io.spillway.rtc.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.rtc.session.SessionEvent.Leave;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitRtc.LeaveRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeavesTest {
  @ParameterizedTest
  @CsvSource({
    "DUPLICATE_IDENTITY,  DISCONNECT, DUPLICATE_IDENTITY",
    "DUPLICATE_IDENTITY,  RECONNECT,  DUPLICATE_IDENTITY",
    "PARTICIPANT_REMOVED, DISCONNECT, REMOVED",
    "ROOM_DELETED,        DISCONNECT, ROOM_CLOSED",
    "ROOM_CLOSED,         DISCONNECT, ROOM_CLOSED",
    "SERVER_SHUTDOWN,     DISCONNECT, REJOIN",
    "STATE_MISMATCH,      RECONNECT,  REJOIN",
    "CONNECTION_TIMEOUT,  RESUME,     RESUME",
    "MIGRATION,           RECONNECT,  REJOIN",
    "UNKNOWN_REASON,      DISCONNECT, REJOIN",
  })
  void theReasonDecidesWhereItIsFinalElseTheAction(
      DisconnectReason reason, LeaveRequest.Action action, Leave expected) {
    LeaveRequest request = LeaveRequest.newBuilder().setReason(reason).setAction(action).build();
    assertThat(Leaves.read(request).leave()).isEqualTo(expected);
  }
}
