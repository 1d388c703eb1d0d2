package io.spillway.controller.webhook;

import io.spillway.core.token.ApiKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.WebhookConfig;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.net.URI;
import java.util.List;

/** The webhooks that a start request names for its own egress. Pure. */
public final class RequestWebhooks {
  private RequestWebhooks() {}

  /** Those of the request that the egress was started with. */
  static List<WebhookConfig> of(EgressInfo info) {
    return switch (info.getRequestCase()) {
      case EGRESS -> info.getEgress().getWebhooksList();
      case REPLAY -> info.getReplay().getWebhooksList();
      case ROOM_COMPOSITE -> info.getRoomComposite().getWebhooksList();
      case WEB -> info.getWeb().getWebhooksList();
      case PARTICIPANT -> info.getParticipant().getWebhooksList();
      case TRACK_COMPOSITE -> info.getTrackComposite().getWebhooksList();
      case TRACK -> info.getTrack().getWebhooksList();
      case REQUEST_NOT_SET -> List.of();
    };
  }

  /**
   * Refuses at the start what could never be delivered; livekit-server logs it when it is too late.
   *
   * @throws RpcException {@code invalid_argument} naming the field
   */
  public static void check(List<WebhookConfig> webhooks, ApiKeys keys) {
    for (WebhookConfig webhook : webhooks) {
      if (!isAddress(webhook.getUrl())) {
        throw invalid("webhooks url");
      }
      String key = webhook.getSigningKey();
      if (!key.isEmpty() && keys.find(key).isEmpty()) {
        throw invalid("webhooks signing_key: not one of the API keys here");
      }
    }
  }

  /** Whether something can be posted there. */
  public static boolean isAddress(String url) {
    try {
      URI uri = new URI(url);
      String scheme = String.valueOf(uri.getScheme());
      return uri.getHost() != null
          && (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"));
    } catch (java.net.URISyntaxException malformed) {
      return false;
    }
  }

  private static RpcException invalid(String field) {
    return new RpcException(
        RpcCode.INVALID_ARGUMENT, "request has missing or invalid field: " + field);
  }
}
