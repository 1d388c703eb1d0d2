package io.spillway.controller.api;

import io.spillway.rpc.RpcCode;

/** Twirp's error codes with their HTTP status (twitchtv/twirp v8, docs/spec_v7.md). */
enum TwirpCode {
  CANCELED("canceled", 408),
  UNKNOWN("unknown", 500),
  INVALID_ARGUMENT("invalid_argument", 400),
  MALFORMED("malformed", 400),
  DEADLINE_EXCEEDED("deadline_exceeded", 408),
  NOT_FOUND("not_found", 404),
  BAD_ROUTE("bad_route", 404),
  ALREADY_EXISTS("already_exists", 409),
  PERMISSION_DENIED("permission_denied", 403),
  UNAUTHENTICATED("unauthenticated", 401),
  RESOURCE_EXHAUSTED("resource_exhausted", 429),
  FAILED_PRECONDITION("failed_precondition", 412),
  ABORTED("aborted", 409),
  OUT_OF_RANGE("out_of_range", 400),
  UNIMPLEMENTED("unimplemented", 501),
  INTERNAL("internal", 500),
  UNAVAILABLE("unavailable", 503),
  DATA_LOSS("dataloss", 500);

  private final String word;
  private final int status;

  TwirpCode(String word, int status) {
    this.word = word;
    this.status = status;
  }

  /** As it stands in an error's JSON. */
  String word() {
    return word;
  }

  /** The answer's HTTP status. */
  int status() {
    return status;
  }

  /** What a psrpc code becomes for a Twirp client (livekit/psrpc errors.go). */
  static TwirpCode of(RpcCode code) {
    return switch (code) {
      case CANCELED -> CANCELED;
      case MALFORMED_REQUEST, MALFORMED_RESULT -> MALFORMED;
      case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
      case UNAVAILABLE -> UNAVAILABLE;
      case UNKNOWN, NOT_ACCEPTABLE, UNPROCESSABLE_ENTITY -> UNKNOWN;
      case INVALID_ARGUMENT, UPSTREAM_CLIENT_ERROR -> INVALID_ARGUMENT;
      case NOT_FOUND -> NOT_FOUND;
      case ALREADY_EXISTS -> ALREADY_EXISTS;
      case PERMISSION_DENIED -> PERMISSION_DENIED;
      case RESOURCE_EXHAUSTED -> RESOURCE_EXHAUSTED;
      case FAILED_PRECONDITION -> FAILED_PRECONDITION;
      case ABORTED -> ABORTED;
      case OUT_OF_RANGE -> OUT_OF_RANGE;
      case UNIMPLEMENTED -> UNIMPLEMENTED;
      case INTERNAL, UPSTREAM_SERVER_ERROR -> INTERNAL;
      case DATA_LOSS -> DATA_LOSS;
      case UNAUTHENTICATED -> UNAUTHENTICATED;
    };
  }
}
