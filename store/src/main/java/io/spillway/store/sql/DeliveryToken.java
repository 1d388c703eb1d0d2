package io.spillway.store.sql;

import io.spillway.store.outbox.Delivery;
import java.util.List;
import java.util.Map;

/** The last delivery of a page, as an opaque text for clients. */
final class DeliveryToken {
  private static final String BETWEEN = "\n"; // in no id, key or address

  private DeliveryToken() {}

  static String text(Delivery last) {
    String id =
        String.join(BETWEEN, last.event().id(), last.target().apiKey(), last.target().url());
    return new PageToken(last.event().createdAtNanos(), id).text();
  }

  /** The values that the page begins behind. */
  static Map<String, Object> parse(String token) {
    PageToken after = PageToken.parse(token);
    List<String> parts = List.of(after.id().split(BETWEEN, 3));
    if (parts.size() != 3) {
      throw new IllegalArgumentException("page_token is not one that a list gave");
    }
    return Map.of(
        "at",
        after.createdAt(),
        "event",
        parts.get(0),
        "key",
        parts.get(1),
        "afterUrl",
        parts.get(2));
  }
}
