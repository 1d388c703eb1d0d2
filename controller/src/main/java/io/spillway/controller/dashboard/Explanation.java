package io.spillway.controller.dashboard;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.util.List;

/**
 * What became of an egress in plain words, and what a person can do about it. Pure.
 *
 * @param happened one or two sentences
 * @param next what to do; empty when there is nothing to do
 */
record Explanation(String happened, String next) {
  /** A text in {@code EgressInfo.error} that we know, by a part of it. */
  private record Known(String part, String happened, String next) {}

  // The texts of io.spillway.core.egress.Failure, of our API, and livekit/egress's common ones.
  private static final List<Known> KNOWN =
      List.of(
          new Known(
              "no space left",
              "The disk was full. The file was closed at its last whole frame; what is in it"
                  + " plays.",
              "Make room on the node's disk, or raise min_free_disk so that starts are refused"
                  + " earlier."),
          new Known(
              "recording ended early: node lost",
              "The node that recorded died. What was recorded until then was kept and finished"
                  + " when the node came back.",
              "Look at the node's log and at the machine (memory, reboot). The files below play"
                  + " to within two seconds of the loss."),
          new Known(
              "recording ended early: connection to room failed",
              "The connection to the LiveKit server was lost and did not come back in time.",
              "Check the network between the node and the LiveKit server, and whether the server"
                  + " was restarted."),
          new Known(
              "another recorder joined",
              "Another recorder took this egress over, because this one was taken for lost. Its"
                  + " part was kept.",
              "Nothing, if the egress went on elsewhere. If it happens often, check the network"
                  + " of this node."),
          new Known(
              "recorder was removed",
              "Somebody removed the recorder from the room through LiveKit's API.",
              "Leave participants of kind EGRESS alone; use StopEgress to end a recording."),
          new Known(
              "room does not exist",
              "There was no room of this name when the start was asked for.",
              "Start the egress after somebody has joined, or create the room first."),
          new Known(
              "not found",
              "What was to be recorded wasn't there.",
              "Start the egress after the track was published, with the track's present id: it"
                  + " changes with each publication."),
          new Known(
              "not enough",
              "No node had room for it.",
              "Add nodes, or raise the limits in cpu_cost if the machines have room."),
          new Known(
              "no node",
              "No node took the request.",
              "See the nodes page: is one alive and healthy, and in the right region?"),
          new Known(
              "no response from servers",
              "No node took the request.",
              "See the nodes page: is one alive and healthy, and in the right region?"),
          new Known(
              "could not join the room",
              "The recorder could not join the room.",
              "Check ws_url, the API key, and that the node reaches the LiveKit server over UDP."),
          new Known(
              "failed to subscribe",
              "The recorder joined, but the server did not hand it the track.",
              "Check that the publisher is still there and that its codec is enabled on the"
                  + " server."),
          new Known(
              "could not write",
              "The file could not be written.",
              "Check that the folder exists on the node, and that the process may write there."),
          new Known(
              "not supported",
              "The request asks for something this version can't do.",
              "See docs/status.md for what is there."),
          new Known(
              "could not store",
              "The controller's store did not answer, so nothing was started: an egress that isn't"
                  + " stored is never dispatched.",
              "Check the database. Starting again is safe."),
          new Known(
              "internal error",
              "A defect of Spillway's ended this egress, and only this one.",
              "Please report it with the log lines that carry this egress's id."));

  /** Explains an egress as it stands. */
  static Explanation of(EgressInfo info) {
    return switch (info.getStatus()) {
      case EGRESS_STARTING ->
          new Explanation("A node joins the room and waits for the first frame.", "");
      case EGRESS_ACTIVE -> new Explanation("It is recording.", "");
      case EGRESS_ENDING ->
          new Explanation("It has stopped recording; files are being finished.", "");
      case EGRESS_COMPLETE -> complete(info);
      case EGRESS_LIMIT_REACHED ->
          new Explanation(
              "It reached the longest duration or size that the configuration allows, and was"
                  + " ended. The files are complete until then.",
              "Raise session_limits if recordings of this kind should be longer.");
      case EGRESS_ABORTED ->
          new Explanation(
              "It was stopped before anything was recorded"
                  + (info.getError().isEmpty() ? "." : ": " + info.getError() + "."),
              "");
      case EGRESS_FAILED -> failed(info);
      case UNRECOGNIZED ->
          new Explanation("It has a status of a newer protocol than this controller's.", "");
    };
  }

  private static Explanation complete(EgressInfo info) {
    String why =
        switch (info.getDetails()) {
          case "End reason: StopEgress API" -> "It was stopped by StopEgress.";
          case "End reason: Source closed" ->
              "The track or the room ended, and the recording with it.";
          case "End reason: Process killed" -> "The node was shut down and finished its files.";
          default -> "It ended well.";
        };
    return new Explanation(why, "");
  }

  private static Explanation failed(EgressInfo info) {
    String error = info.getError();
    for (Known known : KNOWN) {
      if (error.contains(known.part)) {
        return new Explanation(known.happened, known.next);
      }
    }
    return new Explanation(
        "It failed for a reason that this page has no words for: "
            + (error.isEmpty() ? "its node gave none." : error),
        "Look for the egress's id in the log of the node.");
  }

  /** Whether a person should see it as bad news. */
  static boolean isBad(EgressStatus status) {
    return status == EgressStatus.EGRESS_FAILED;
  }
}
