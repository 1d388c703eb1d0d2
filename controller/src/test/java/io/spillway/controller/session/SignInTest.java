package io.spillway.controller.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.controller.session.SignIn.Answer;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.TokenSigner;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SignInTest {
  private static final ApiKey KEY = new ApiKey("devkey", "secret");
  private final SimulatedTime time = new SimulatedTime();
  private final SignIn signIn =
      new SignIn(
          new SessionSettings(
              Optional.of("only to look at it"),
              Optional.of("to do everything"),
              Duration.ofHours(8)),
          ApiKeys.of(KEY.key(), KEY.secret()),
          time);
  private final TokenSigner signer = new TokenSigner(KEY, time);

  private long nowSeconds() {
    return time.unixNanos() / 1_000_000_000L;
  }

  private static Role role(Answer answer) {
    return switch (answer) {
      case Answer.Granted granted -> granted.role();
      case Answer.Refused refused -> throw new AssertionError(refused.sentence());
    };
  }

  private static String sentence(Answer answer) {
    return switch (answer) {
      case Answer.Granted granted -> throw new AssertionError("granted " + granted);
      case Answer.Refused refused -> refused.sentence();
    };
  }

  @Test
  void theDashboardsOwnTokensSayWhoMayDoWhat() {
    assertThat(role(signIn.withToken(" only to look at it\n"))).isEqualTo(Role.VIEWER);
    assertThat(role(signIn.withToken("to do everything"))).isEqualTo(Role.ADMIN);
    assertThat(sentence(signIn.withToken("only to look at i"))).contains("none of the dashboard's");
    assertThat(sentence(signIn.withToken(" "))).contains("Paste a token");
  }

  @Test
  void aLiveKitTokenMustGrantRecording() {
    assertThat(role(signIn.withToken(signer.recordRooms(Duration.ofMinutes(5)))))
        .isEqualTo(Role.ADMIN);
    assertThat(sentence(signIn.withToken(signer.listRooms()))).contains("roomRecord");
    String foreign =
        new TokenSigner(new ApiKey("devkey", "other"), time).recordRooms(Duration.ofMinutes(5));
    assertThat(sentence(signIn.withToken(foreign))).contains("signature is invalid");
  }

  @Test
  void aSessionDoesNotOutliveTheTokenThatOpenedIt() {
    Answer answer = signIn.withToken(signer.recordRooms(Duration.ofMinutes(5)));

    assertThat(answer).isEqualTo(new Answer.Granted(Role.ADMIN, nowSeconds() + 300));
    assertThat(signIn.withToken("to do everything"))
        .isEqualTo(new Answer.Granted(Role.ADMIN, nowSeconds() + 8 * 3600));
  }

  @Test
  void anApiKeyNeedsItsOwnSecret() {
    assertThat(role(signIn.withKey("devkey", "secret"))).isEqualTo(Role.ADMIN);
    assertThat(sentence(signIn.withKey("devkey", "Secret"))).contains("belong together");
    assertThat(sentence(signIn.withKey("nobody", "secret"))).contains("belong together");
    assertThat(sentence(signIn.withKey("devkey", ""))).contains("belong together");
  }
}
