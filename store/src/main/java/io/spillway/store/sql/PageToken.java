package io.spillway.store.sql;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The last row of a page; the next page holds what is older. Opaque to clients. */
record PageToken(long createdAt, String id) {
  private static final String VERSION = "1";

  String text() {
    String plain = VERSION + ":" + createdAt + ":" + id;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }

  static PageToken parse(String text) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      String[] parts = plain.split(":", 3);
      if (parts.length == 3 && parts[0].equals(VERSION)) {
        return new PageToken(Long.parseLong(parts[1]), parts[2]);
      }
    } catch (IllegalArgumentException notOurs) {
      throw new IllegalArgumentException("page_token is not one that a list gave", notOurs);
    }
    throw new IllegalArgumentException("page_token is not one that a list gave");
  }
}
