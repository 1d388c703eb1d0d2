package io.spillway.controller.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.controller.session.Sessions.Session;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.token.ApiKeys;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SessionsTest {
  private static final ApiKeys KEYS = ApiKeys.of("devkey", "secret");
  private final SimulatedTime time = new SimulatedTime();
  private final long soon = time.unixNanos() / 1_000_000_000L + 60;

  private Sessions sessions(String secret, String viewerToken) {
    SessionSettings settings =
        new SessionSettings(Optional.of(viewerToken), Optional.empty(), Duration.ofHours(1));
    return new Sessions(settings, ApiKeys.of("devkey", secret), time);
  }

  @Test
  void aSealedSessionComesBackAsItWas() {
    Sessions sessions = new Sessions(SessionSettings.usual(), KEYS, time);
    Session session = new Session(Role.VIEWER, soon);

    assertThat(sessions.open(sessions.seal(session))).contains(session);
  }

  @Test
  void aSessionEndsWithItsTime() {
    Sessions sessions = new Sessions(SessionSettings.usual(), KEYS, time);
    String cookie = sessions.seal(new Session(Role.ADMIN, soon));

    time.advance(Duration.ofSeconds(61));

    assertThat(sessions.open(cookie)).isEmpty();
  }

  @Test
  void aChangedSecretOrDashboardTokenEndsAllSessions() {
    String cookie = sessions("secret", "a viewer's token 1").seal(new Session(Role.ADMIN, soon));

    assertThat(sessions("secret", "a viewer's token 1").open(cookie)).isPresent();
    assertThat(sessions("other", "a viewer's token 1").open(cookie)).isEmpty();
    assertThat(sessions("secret", "a viewer's token 2").open(cookie)).isEmpty();
  }

  @Test
  void noViewerMakesHimselfAnAdministrator() {
    Sessions sessions = new Sessions(SessionSettings.usual(), KEYS, time);
    String viewer = sessions.seal(new Session(Role.VIEWER, soon));
    String admin = sessions.seal(new Session(Role.ADMIN, soon + 1));

    String mixed = admin.substring(0, admin.indexOf('.')) + viewer.substring(viewer.indexOf('.'));

    assertThat(sessions.open(mixed)).isEmpty();
  }

  @Test
  void whateverElseStandsInACookieIsNoSession() {
    Sessions sessions = new Sessions(SessionSettings.usual(), KEYS, time);

    for (String odd : new String[] {"", ".", "a.b", "%%.%%", "x".repeat(5000), "MXw.MXw"}) {
      assertThat(sessions.open(odd)).as(odd).isEmpty();
    }
  }
}
