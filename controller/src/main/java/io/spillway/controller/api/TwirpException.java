package io.spillway.controller.api;

import java.util.Map;

/** An error in Twirp's form: {@code {"code", "msg", "meta"}}. */
final class TwirpException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final TwirpCode code;
  private final transient Map<String, String> meta;

  TwirpException(TwirpCode code, String message) {
    this(code, message, Map.of());
  }

  TwirpException(TwirpCode code, String message, Map<String, String> meta) {
    // Answers of a hostile client's making: no stack trace, they cost too much.
    super(message, null, false, false);
    this.code = code;
    this.meta = meta;
  }

  /** Nothing is served at that address, or not in that manner. */
  static TwirpException badRoute(String message, String method, String path) {
    return new TwirpException(
        TwirpCode.BAD_ROUTE, message, Map.of("twirp_invalid_route", method + " " + path));
  }

  /** The body is not what its Content-Type says. */
  static TwirpException malformed(String message) {
    return new TwirpException(TwirpCode.MALFORMED, message);
  }

  TwirpCode code() {
    return code;
  }

  Map<String, String> meta() {
    return meta;
  }

  String text() {
    String message = getMessage();
    return message == null ? code.word() : message;
  }
}
