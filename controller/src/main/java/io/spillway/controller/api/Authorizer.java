package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.core.token.Grants;
import io.spillway.core.token.TokenCheck;
import io.spillway.core.token.TokenVerifier;

/**
 * Who sends a request and what they may do, as livekit-server judges it (pkg/service/auth.go): a
 * bad token is refused before anything else, a missing one only where a grant is needed.
 */
final class Authorizer {
  private static final String BEARER = "Bearer ";

  private final TokenVerifier tokens;

  Authorizer(TokenVerifier tokens) {
    this.tokens = tokens;
  }

  /**
   * The grants of the request's token; none without a token.
   *
   * @throws RefusedTokenException when a token is there and isn't good
   */
  Grants grants(Context request) {
    return caller(request).grants();
  }

  /** The same with the key that signed. */
  Caller caller(Context request) {
    String token = token(request);
    if (token.isEmpty()) {
      return new Caller("", Grants.NONE);
    }
    return switch (tokens.check(token)) {
      case TokenCheck.Accepted accepted -> new Caller(accepted.apiKey(), accepted.grants());
      case TokenCheck.Refused refused -> throw new RefusedTokenException(refused.text());
    };
  }

  /**
   * Who asks.
   *
   * @param apiKey that signed the token; empty without a token
   */
  record Caller(String apiKey, Grants grants) {}

  /** Throws unless recording is granted; LiveKit says so in these words, with status 401. */
  static void needRecord(Grants grants) {
    if (!grants.roomRecord()) {
      throw new TwirpException(TwirpCode.UNAUTHENTICATED, "permissions denied");
    }
  }

  private static String token(Context request) {
    String header = request.header("Authorization");
    if (header != null && !header.isEmpty()) {
      if (!header.startsWith(BEARER)) {
        throw new RefusedTokenException("invalid authorization header. Must start with " + BEARER);
      }
      return header.substring(BEARER.length());
    }
    String parameter = request.queryParam("access_token");
    return parameter == null ? "" : parameter;
  }

  /** A token that isn't good; livekit-server answers 401 with the bare text. */
  static final class RefusedTokenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedTokenException(String text) {
      super(text, null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }
}
