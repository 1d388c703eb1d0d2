package io.spillway.controller.session;

import java.time.Duration;
import java.util.Optional;

/**
 * Who may sign in besides the holders of API keys.
 *
 * @param viewerToken lets its holder look; none: only administrators sign in
 * @param adminToken lets its holder do all
 * @param life after which one has to sign in again
 */
public record SessionSettings(
    Optional<String> viewerToken, Optional<String> adminToken, Duration life) {
  /** Shorter ones could be guessed: failed attempts are not limited. */
  public static final int SHORTEST_TOKEN = 16;

  /** Checks the tokens' lengths. */
  public SessionSettings {
    if (viewerToken.filter(token -> token.length() < SHORTEST_TOKEN).isPresent()
        || adminToken.filter(token -> token.length() < SHORTEST_TOKEN).isPresent()) {
      throw new IllegalArgumentException(
          "a dashboard token needs at least " + SHORTEST_TOKEN + " characters");
    }
    if (viewerToken.isPresent() && viewerToken.equals(adminToken)) {
      throw new IllegalArgumentException("viewer_token and admin_token must differ");
    }
    if (!life.isPositive()) {
      throw new IllegalArgumentException("a session can't live for " + life);
    }
  }

  /** API keys are the only way in. */
  public static SessionSettings usual() {
    return new SessionSettings(Optional.empty(), Optional.empty(), Duration.ofHours(8));
  }

  /** Without the tokens. */
  @Override
  public String toString() {
    return "SessionSettings[viewerToken=%s, adminToken=%s, life=%s]"
        .formatted(viewerToken.isPresent(), adminToken.isPresent(), life);
  }
}
