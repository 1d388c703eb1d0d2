package io.spillway.controller.session;

import io.javalin.http.Context;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers to a browser: JSON, and refusals as a sentence for people. */
public final class Replies {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Scripts, styles and pictures of our own only, and no string ever becomes markup. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private Replies() {}

  /** Tells the browser what it must not do with an answer. */
  public static void secure(Context request) {
    request
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Cache-Control", "no-store");
  }

  /** {@code {"error": sentence}} with this status. */
  public static void refuse(Context request, int status, String sentence) {
    write(request.status(status), JSON.createObjectNode().put("error", sentence));
  }

  /** JSON. */
  public static void write(Context request, ObjectNode answer) {
    request.contentType("application/json").result(JSON.writeValueAsBytes(answer));
  }
}
