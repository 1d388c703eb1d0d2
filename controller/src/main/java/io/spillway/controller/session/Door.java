package io.spillway.controller.session;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.spillway.controller.session.Sessions.Session;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.rpc.RpcException;
import io.spillway.store.StoreException;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets people in and out, and stands before every route: whoever has no session gets none of it,
 * and an act needs an administrator's and a header of ours, which no form or image of another site
 * can send (with SameSite=Strict and Sec-Fetch-Site that makes three locks against forged
 * requests). Thread-safe.
 */
public final class Door {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String COOKIE = "spillway_session";
  private static final String OUR_HEADER = "X-Spillway-Dashboard";
  private static final int LONGEST_BODY = 32 * 1024;

  private final String root;
  private final String version;
  private final SignIn signIn;
  private final Sessions sessions;

  /**
   * For what lies below a path.
   *
   * @param root the path that cookies are bound to
   * @param version of the program, for people
   */
  public Door(
      String root, SessionSettings settings, ApiKeys keys, String version, TimeSource time) {
    this.root = root;
    this.version = version;
    this.signIn = new SignIn(settings, keys, time);
    this.sessions = new Sessions(settings, keys, time);
  }

  /** Adds GET (who am I), POST (sign in) and DELETE (sign out) at this path. */
  public void addTo(JavalinConfig config, String path) {
    config.routes.get(path, guarded(Role.VIEWER, this::whoAmI));
    config.routes.post(path, this::enter);
    config.routes.delete(path, this::leave);
  }

  /** What a route does for whoever has a session. */
  @FunctionalInterface
  public interface Guarded {
    void handle(Context request, Session session);
  }

  /** A handler for those who have at least this role; others are refused. */
  public Handler guarded(Role needed, Guarded handler) {
    return request -> {
      Replies.secure(request);
      Optional<Session> session = session(request);
      if (session.isEmpty()) {
        Replies.refuse(request, 401, "You are not signed in, or your session is over.");
      } else if (needed == Role.ADMIN && session.get().role() != Role.ADMIN) {
        Replies.refuse(request, 403, "Viewers may look, but change nothing.");
      } else if (needed == Role.ADMIN && isForged(request)) {
        Replies.refuse(request, 403, "This request did not come from the dashboard's own page.");
      } else {
        answer(request, session.get(), handler);
      }
    };
  }

  private static void answer(Context request, Session session, Guarded handler) {
    try {
      handler.handle(request, session);
    } catch (RpcException known) {
      Replies.refuse(request, known.code().httpStatus(), String.valueOf(known.getMessage()));
    } catch (StoreException silent) {
      LOG.atWarn().setCause(silent).log("a page could not read the store");
      Replies.refuse(
          request, 503, "The egress store does not answer. Recordings go on; try again soon.");
    } catch (RuntimeException defect) {
      LOG.atError().setCause(defect).log("defect while serving a page");
      Replies.refuse(request, 500, "A defect of the dashboard; its log says more.");
    }
  }

  private Optional<Session> session(Context request) {
    String cookie = request.cookie(COOKIE);
    return cookie == null ? Optional.empty() : sessions.open(cookie);
  }

  private static boolean isForged(Context request) {
    String site = request.header("Sec-Fetch-Site");
    return request.header(OUR_HEADER) == null || (site != null && !site.equals("same-origin"));
  }

  private void enter(Context request) throws IOException {
    Replies.secure(request);
    if (isForged(request)) {
      Replies.refuse(request, 403, "This request did not come from the dashboard's own page.");
      return;
    }
    Optional<JsonNode> body = body(request);
    if (body.isEmpty()) {
      Replies.refuse(request, 400, "The sign-in request could not be read.");
      return;
    }
    String key = body.get().path("api_key").asString("");
    SignIn.Answer answer =
        key.isEmpty()
            ? signIn.withToken(body.get().path("token").asString(""))
            : signIn.withKey(key, body.get().path("api_secret").asString(""));
    switch (answer) {
      case SignIn.Answer.Granted granted -> {
        Session session = new Session(granted.role(), granted.untilUnixSeconds());
        setCookie(request, sessions.seal(session), sessions.secondsLeft(session));
        LOG.atInfo()
            .addKeyValue("role", granted.role().word())
            .addKeyValue("from", request.ip())
            .log("signed in to the dashboard");
        whoAmI(request, session);
      }
      case SignIn.Answer.Refused refused -> {
        LOG.atWarn().addKeyValue("from", request.ip()).log("sign-in to the dashboard refused");
        Replies.refuse(request, 401, refused.sentence());
      }
    }
  }

  private static Optional<JsonNode> body(Context request) throws IOException {
    byte[] bytes = request.req().getInputStream().readNBytes(LONGEST_BODY + 1);
    if (bytes.length > LONGEST_BODY) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(bytes));
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  private void leave(Context request) {
    Replies.secure(request);
    setCookie(request, "", 0);
    Replies.write(request, JSON.createObjectNode());
  }

  private void setCookie(Context request, String value, long seconds) {
    boolean tls = request.req().isSecure() || "https".equals(request.header("X-Forwarded-Proto"));
    request.header(
        "Set-Cookie",
        "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Strict%s"
            .formatted(COOKIE, value, root, seconds, tls ? "; Secure" : ""));
  }

  private void whoAmI(Context request, Session session) {
    Replies.write(
        request,
        JSON.createObjectNode()
            .put("role", session.role().word())
            .put("secondsLeft", sessions.secondsLeft(session))
            .put("version", version));
  }

  /** Whether a session isn't over. */
  public boolean isOpenFor(Session session) {
    return sessions.secondsLeft(session) > 0;
  }
}
