package io.spillway.rpc;

import java.util.Locale;

/** psrpc's error codes with the HTTP status Twirp gives each (livekit/psrpc errors.go). */
public enum RpcCode {
  CANCELED(503),
  MALFORMED_REQUEST(400),
  MALFORMED_RESULT(500),
  DEADLINE_EXCEEDED(503),
  UNAVAILABLE(503),
  UNKNOWN(500),
  INVALID_ARGUMENT(400),
  NOT_FOUND(404),
  NOT_ACCEPTABLE(406),
  ALREADY_EXISTS(409),
  PERMISSION_DENIED(403),
  RESOURCE_EXHAUSTED(429),
  FAILED_PRECONDITION(412),
  ABORTED(409),
  OUT_OF_RANGE(416),
  UNIMPLEMENTED(501),
  INTERNAL(500),
  DATA_LOSS(500),
  UNAUTHENTICATED(401),
  UNPROCESSABLE_ENTITY(422),
  UPSTREAM_SERVER_ERROR(502),
  UPSTREAM_CLIENT_ERROR(424);

  private final int httpStatus;

  RpcCode(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  /** The HTTP status of an answer with this code. */
  public int httpStatus() {
    return httpStatus;
  }

  /** One code of those that share an HTTP status: what a start fails with is among them. */
  public static RpcCode ofHttpStatus(int httpStatus) {
    return switch (httpStatus) {
      case 400 -> INVALID_ARGUMENT;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404 -> NOT_FOUND;
      case 409 -> ALREADY_EXISTS;
      case 412 -> FAILED_PRECONDITION;
      case 429 -> RESOURCE_EXHAUSTED;
      case 501 -> UNIMPLEMENTED;
      case 503 -> UNAVAILABLE;
      default -> INTERNAL;
    };
  }

  /** The word on the wire, {@code not_found} for example. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The code of a word on the wire; {@link #UNKNOWN} for one we don't know. */
  public static RpcCode ofWire(String wire) {
    for (RpcCode code : values()) {
      if (code.wire().equals(wire)) {
        return code;
      }
    }
    return UNKNOWN;
  }
}
