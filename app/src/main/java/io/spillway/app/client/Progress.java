package io.spillway.app.client;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How far a running egress is: seconds and bytes in its file so far. */
public record Progress(double seconds, long bytes) {
  static Map<String, Progress> ofPage(JsonNode page) {
    Map<String, Progress> out = new HashMap<>();
    for (JsonNode item : page.path("items")) {
      JsonNode progress = item.path("progress");
      if (progress.isObject()) {
        out.put(
            item.path("egress_id").asString(""),
            new Progress(progress.path("seconds").asDouble(0), progress.path("bytes").asLong(0)));
      }
    }
    return out;
  }
}
