package io.spillway.controller.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.javalin.http.Context;
import io.spillway.controller.dispatch.Trace;
import io.spillway.core.fleet.Region;
import io.spillway.core.trace.TraceKeys;
import java.util.Locale;

/**
 * Twirp's wire: {@code POST /twirp/livekit.Egress/Method} with a protobuf or JSON body. Checks come
 * in the order in which Go's server makes them, because clients see the first that fails: token,
 * route, Content-Type, body, grant.
 */
final class TwirpRoutes {
  static final String PREFIX = "/twirp/";
  private static final String SERVICE = PREFIX + "livekit.Egress/";
  private static final String JSON = "application/json";
  private static final String PROTOBUF = "application/protobuf";

  private final EgressMethods methods;
  private final Authorizer authorizer;
  private final RequestBody bodies;

  TwirpRoutes(EgressMethods methods, Authorizer authorizer, RequestBody bodies) {
    this.methods = methods;
    this.authorizer = authorizer;
    this.bodies = bodies;
  }

  /** Handles any request under {@link #PREFIX}. */
  void handle(Context request, Trace trace) throws InterruptedException {
    final Authorizer.Caller caller = authorizer.caller(request);
    String verb = request.method().name();
    String path = request.path().replaceAll("/{2,}", "/");
    if (!verb.equals("POST")) {
      throw TwirpException.badRoute(
          "unsupported method \"" + verb + "\" (only POST is allowed)", verb, path);
    }
    if (!path.startsWith(SERVICE)) {
      throw noHandler(path);
    }
    EgressMethods.Method<?> method =
        methods.find(path.substring(SERVICE.length())).orElseThrow(() -> noHandler(path));
    boolean json = isJson(request, path);
    Message message = read(bodies.read(request), json, method.prototype());
    Authorizer.needRecord(caller.grants());
    trace.region(region(request));
    String key = request.header("Idempotency-Key");
    EgressMethods.Call call =
        new EgressMethods.Call(trace, caller.apiKey(), key == null ? "" : key.strip());
    answer(request, method.handle(message, call), json);
  }

  private static String region(Context request) {
    String header = request.header(TraceKeys.HEADER_REGION);
    String region = header == null ? "" : header.strip();
    if (!Region.isName(region)) {
      throw new TwirpException(
          TwirpCode.INVALID_ARGUMENT, TraceKeys.HEADER_REGION + " must be " + Region.EXPECTED);
    }
    return region;
  }

  private static TwirpException noHandler(String path) {
    return TwirpException.badRoute("no handler for path \"" + path + "\"", "POST", path);
  }

  private static boolean isJson(Context request, String path) {
    String header = request.header("Content-Type");
    String type = header == null ? "" : header;
    int parameters = type.indexOf(';');
    String bare = parameters < 0 ? type : type.substring(0, parameters);
    return switch (bare.strip().toLowerCase(Locale.ROOT)) {
      case JSON -> true;
      case PROTOBUF -> false;
      default ->
          throw TwirpException.badRoute("unexpected Content-Type: \"" + type + "\"", "POST", path);
    };
  }

  private static Message read(byte[] body, boolean json, Message prototype) {
    Message.Builder message = prototype.newBuilderForType();
    try {
      if (json) {
        ProtoJson.parse(body, message);
      } else {
        message.mergeFrom(body);
      }
    } catch (InvalidProtocolBufferException notThisMessage) {
      throw TwirpException.malformed(
          "the " + (json ? "json" : "protobuf") + " request could not be decoded");
    }
    return message.build();
  }

  private static void answer(Context request, Message message, boolean json) {
    request.status(200).contentType(json ? JSON : PROTOBUF);
    request.result(
        json ? ProtoJson.JSON.writeValueAsBytes(ProtoJson.print(message)) : message.toByteArray());
  }
}
