package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.time.DateTimeException;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/** What our own routes read from a request's query, and how they answer. */
final class Parameters {
  private static final int USUAL_LIMIT = 100;

  private Parameters() {}

  /** Empty when it isn't there. */
  static String text(Context request, String name) {
    String value = request.queryParam(name);
    return value == null ? "" : value;
  }

  /** The length of a page. */
  static int limit(Context request, int most) {
    String text = text(request, "limit");
    if (text.isEmpty()) {
      return Math.min(USUAL_LIMIT, most);
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= most) {
        return limit;
      }
    } catch (NumberFormatException notANumber) {
      throw invalid("limit");
    }
    throw invalid("limit: 1 to " + most);
  }

  /** A moment in Unix nanoseconds: those as digits, or RFC 3339; {@code absent} without one. */
  static long moment(Context request, String name, long absent) {
    String text = text(request, name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return Long.parseLong(text);
      }
      Instant moment = Instant.parse(text);
      return Math.addExact(
          Math.multiplyExact(moment.getEpochSecond(), 1_000_000_000L), moment.getNano());
    } catch (DateTimeException | ArithmeticException | NumberFormatException notAMoment) {
      throw invalid(name + ": expected a time like 2026-01-31T12:00:00Z");
    }
  }

  static RpcException invalid(String field) {
    return new RpcException(
        RpcCode.INVALID_ARGUMENT, "request has missing or invalid field: " + field);
  }

  static void write(Context request, ObjectNode answer) {
    request.contentType("application/json").result(ProtoJson.JSON.writeValueAsBytes(answer));
  }
}
