package io.spillway.rtc.signal;

import com.google.protobuf.ByteString;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import livekit.LivekitModels.ClientInfo;
import livekit.LivekitModels.ReconnectReason;
import livekit.LivekitRtc.AddTrackRequest;
import livekit.LivekitRtc.ConnectionSettings;
import livekit.LivekitRtc.JoinRequest;
import livekit.LivekitRtc.SessionDescription;
import livekit.LivekitRtc.WrappedJoinRequest;

/** Where to open signalling, and with what request in the address. Pure. */
public final class JoinAddress {
  /**
   * Signalling protocol we speak: 15 gives leave requests with an action (13) and answers to
   * requests; 16 would let the server move us to another room.
   */
  static final int PROTOCOL = 15;

  private static final String VERSION = "1.0.0";

  private JoinAddress() {}

  /** Joins over one peer connection, our offer already in the request (livekit-server 1.9 on). */
  public static URI single(
      String serverUrl, Optional<SessionDescription> offer, List<AddTrackRequest> tracks) {
    JoinRequest.Builder join = joinRequest().addAllAddTrackRequests(tracks);
    offer.ifPresent(join::setPublisherOffer);
    return wrapped(serverUrl, join.build());
  }

  /** Takes up a session of {@link #single} again whose signalling broke. */
  public static URI singleResume(String serverUrl, String participantSid) {
    return wrapped(
        serverUrl,
        joinRequest()
            .setReconnect(true)
            .setReconnectReason(ReconnectReason.RR_SIGNAL_DISCONNECTED)
            .setParticipantSid(participantSid)
            .build());
  }

  /** Joins over two peer connections, as every server understands it. */
  public static URI classic(String serverUrl) {
    return URI.create(base(serverUrl) + "/rtc?" + classicQuery());
  }

  /** Takes up a session of {@link #classic} again whose signalling broke. */
  public static URI classicResume(String serverUrl, String participantSid) {
    return URI.create(
        base(serverUrl)
            + "/rtc?"
            + classicQuery()
            + "&reconnect=1&reconnect_reason="
            + ReconnectReason.RR_SIGNAL_DISCONNECTED.getNumber()
            + "&sid="
            + participantSid);
  }

  private static String classicQuery() {
    return "auto_subscribe=0&adaptive_stream=0&subscriber_allow_pause=0&sdk=unknown&version="
        + VERSION
        + "&protocol="
        + PROTOCOL;
  }

  private static JoinRequest.Builder joinRequest() {
    return JoinRequest.newBuilder()
        .setClientInfo(
            ClientInfo.newBuilder()
                .setSdk(ClientInfo.SDK.UNKNOWN)
                .setVersion(VERSION)
                .setOs("linux")
                .setProtocol(PROTOCOL))
        .setConnectionSettings(
            ConnectionSettings.newBuilder()
                .setAutoSubscribe(false)
                .setAutoSubscribeDataTrack(false)
                .setSubscriberAllowPause(false));
  }

  private static URI wrapped(String serverUrl, JoinRequest join) {
    ByteString bytes =
        WrappedJoinRequest.newBuilder().setJoinRequest(join.toByteString()).build().toByteString();
    String encoded = Base64.getUrlEncoder().encodeToString(bytes.toByteArray());
    return URI.create(base(serverUrl) + "/rtc/v1?join_request=" + encoded.replace("=", "%3D"));
  }

  /** The server's address with a WebSocket scheme and without a slash at its end. */
  static String base(String serverUrl) {
    String url =
        serverUrl.endsWith("/") ? serverUrl.substring(0, serverUrl.length() - 1) : serverUrl;
    if (url.startsWith("http://")) {
      return "ws://" + url.substring("http://".length());
    }
    if (url.startsWith("https://")) {
      return "wss://" + url.substring("https://".length());
    }
    if (url.startsWith("ws://") || url.startsWith("wss://")) {
      return url;
    }
    throw new IllegalArgumentException(
        "the server URL must begin with ws://, wss://, http:// or https://, was " + serverUrl);
  }
}
