package io.spillway.controller.dashboard;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.spillway.controller.request.Redaction;
import io.spillway.protocol.livekit.EgressInfo;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests and addresses as a page may show them. What is stored was redacted before; this is the
 * second lock, for a node that forgot and for fields that a later protocol adds: whatever is called
 * like a secret is blotted out, and every address loses user, query and stream key. Pure.
 */
final class Masked {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BLOT = "{hidden}";

  /** A field is secret when its name holds one of these. */
  private static final Set<String> SECRET_WORDS =
      Set.of(
          "secret",
          "password",
          "token",
          "credential",
          "access_key",
          "account_key",
          "account_name",
          "signing_key",
          "external_id",
          "stream_key",
          "authorization");

  private static final Pattern REDACTED = Pattern.compile("\\{[^{}]*}");
  private static final Pattern WITH_REDACTED_KEY = Pattern.compile(".*\\{[^{}]+\\.\\.\\.[^{}]+}.*");

  private Masked() {}

  /** The request of an egress as JSON, fit to be shown; an empty object when there is none. */
  static ObjectNode request(EgressInfo reported) {
    EgressInfo info = Redaction.of(reported);
    return switch (info.getRequestCase()) {
      case TRACK -> masked(info.getTrack());
      case EGRESS -> masked(info.getEgress());
      case ROOM_COMPOSITE -> masked(info.getRoomComposite());
      case TRACK_COMPOSITE -> masked(info.getTrackComposite());
      case WEB -> masked(info.getWeb());
      case PARTICIPANT -> masked(info.getParticipant());
      case REPLAY -> masked(info.getReplay());
      case REQUEST_NOT_SET -> JSON.createObjectNode();
    };
  }

  /** An address without user, password, query and stream key. */
  static String address(String url) {
    if (WITH_REDACTED_KEY.matcher(url).matches()) {
      return url;
    }
    String open = Redaction.streamUrl(url);
    int query = open.indexOf('?');
    return query < 0 ? open : open.substring(0, query) + "?…";
  }

  /**
   * A file's location as a link that a browser may follow; empty for a path. A presigned URL is a
   * key to the file: its query is kept out, so the link then asks for the viewer's own rights.
   */
  static String link(String location) {
    if (!location.startsWith("https://") && !location.startsWith("http://")) {
      return "";
    }
    try {
      URI uri = URI.create(location);
      return uri.getRawUserInfo() == null ? bare(location) : "";
    } catch (IllegalArgumentException notAnAddress) {
      return "";
    }
  }

  private static String bare(String location) {
    int query = location.indexOf('?');
    return query < 0 ? location : location.substring(0, query);
  }

  private static ObjectNode masked(Message message) {
    try {
      String text = JsonFormat.printer().preservingProtoFieldNames().print(message);
      ObjectNode node = (ObjectNode) JSON.readTree(text);
      mask(node);
      return node;
    } catch (InvalidProtocolBufferException unknownAny) {
      throw new IllegalStateException("our messages hold no Any", unknownAny);
    }
  }

  private static void mask(ObjectNode node) {
    for (Map.Entry<String, JsonNode> field : Set.copyOf(node.properties())) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (value instanceof ObjectNode inner) {
        mask(inner);
      } else if (value instanceof ArrayNode items) {
        mask(name, items);
      } else if (value.isString()) {
        node.put(name, text(name, value.asString()));
      }
    }
  }

  private static void mask(String name, ArrayNode items) {
    for (int i = 0; i < items.size(); i++) {
      JsonNode item = items.get(i);
      if (item instanceof ObjectNode inner) {
        mask(inner);
      } else if (item.isString()) {
        items.set(i, JSON.getNodeFactory().stringNode(text(name, item.asString())));
      }
    }
  }

  private static String text(String name, String value) {
    String field = name.toLowerCase(Locale.ROOT);
    if (SECRET_WORDS.stream().anyMatch(field::contains)) {
      return REDACTED.matcher(value).matches() ? value : BLOT;
    }
    return value.contains("://") ? address(value) : value;
  }
}
