package io.spillway.controller.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.token.ApiKey;
import io.spillway.core.token.ApiKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.FilterParams;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.livekit.WebhookConfig;
import io.spillway.rpc.RpcException;
import io.spillway.store.outbox.EventKind;
import io.spillway.store.outbox.Target;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookRouterTest {
  private static final ApiKeys KEYS =
      new ApiKeys(List.of(new ApiKey("first", "a"), new ApiKey("second", "b")));

  private static WebhookRouter router(String apiKey, EventFilter filter) {
    return new WebhookRouter(WebhookSettings.of(apiKey, List.of("http://all"), filter), KEYS);
  }

  private static WebhookConfig webhook(String url, String key) {
    return WebhookConfig.newBuilder().setUrl(url).setSigningKey(key).build();
  }

  @Test
  void theConfiguredAddressesAndTheRequestsOwnHear() {
    EgressInfo track =
        EgressInfo.newBuilder()
            .setTrack(TrackEgressRequest.newBuilder().addWebhooks(webhook("http://own", "first")))
            .build();
    assertThat(router("second", EventFilter.ALL).targets(EventKind.ENDED, track))
        .containsExactly(new Target("http://all", "second"), new Target("http://own", "first"));
  }

  @Test
  void afterAReloadOthersHearUnderAnotherKeyAndAWrongOneChangesNothing() {
    WebhookRouter router = router("first", EventFilter.ALL);
    EgressInfo track = EgressInfo.getDefaultInstance();
    ApiKeys newer = new ApiKeys(List.of(new ApiKey("third", "c")));
    assertThatThrownBy(() ->
            router.replace(
                WebhookSettings.of("first", List.of("http://new"), EventFilter.ALL), newer))
        .hasMessageContaining("not one of the API keys: first");
    assertThat(router.targets(EventKind.ENDED, track))
        .containsExactly(new Target("http://all", "first"));
    router.replace(WebhookSettings.of("", List.of("http://new"), EventFilter.ALL), newer);
    assertThat(router.targets(EventKind.ENDED, track))
        .containsExactly(new Target("http://new", "third"));
  }

  @Test
  void whoSendsWebhooksItselfIsToldAloneOrBesideOurs() {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setTrack(
                TrackEgressRequest.newBuilder()
                    .addWebhooks(WebhookConfig.newBuilder().setUrl("http://own")))
            .build();
    Target hearer = new Target("livekit", "");
    WebhookSettings settings = WebhookSettings.of("", List.of("http://all"), EventFilter.ALL);
    assertThat(
            WebhookRouter.telling(hearer, false, settings, KEYS).targets(EventKind.STARTED, info))
        .containsExactly(hearer);
    assertThat(WebhookRouter.telling(hearer, true, settings, KEYS).targets(EventKind.STARTED, info))
        .extracting(Target::url)
        .containsExactly("livekit", "http://all", "http://own");
  }

  @Test
  void theConfigurationsKeySignsWhereNoneIsNamed() {
    EgressInfo v2 =
        EgressInfo.newBuilder()
            .setEgress(StartEgressRequest.newBuilder().addWebhooks(webhook("http://own", "")))
            .build();
    assertThat(router("", EventFilter.ALL).targets(EventKind.STARTED, v2))
        .containsExactly(new Target("http://all", "first"), new Target("http://own", "first"));
  }

  @Test
  void eachHasItsOwnFilter() {
    EventFilter onlyEnds = new EventFilter(List.of("egress_ended"), List.of());
    EgressInfo track =
        EgressInfo.newBuilder()
            .setTrack(
                TrackEgressRequest.newBuilder()
                    .addWebhooks(
                        webhook("http://own", "").toBuilder()
                            .setFilterParams(
                                FilterParams.newBuilder().addExcludeEvents("egress_ended"))))
            .build();
    assertThat(router("", onlyEnds).targets(EventKind.ENDED, track))
        .extracting(Target::url)
        .containsExactly("http://all");
    assertThat(router("", onlyEnds).targets(EventKind.UPDATED, track))
        .extracting(Target::url)
        .containsExactly("http://own");
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "egress_ended, '', true",
    "egress_started, '', false",
    "'', egress_ended, false",
    "'', egress_started, true",
    "egress_ended, egress_ended, true"
  })
  void includedEventsCountBeforeExcludedOnes(String include, String exclude, boolean wanted) {
    EventFilter filter = new EventFilter(list(include), list(exclude));
    assertThat(filter.wants(EventKind.ENDED)).isEqualTo(wanted);
  }

  private static List<String> list(String one) {
    return one.isEmpty() ? List.of() : List.of(one);
  }

  @Test
  void anUnknownKeyStopsTheStart() {
    assertThatThrownBy(() -> router("third", EventFilter.ALL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("third");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://a", "/path", "http://", "http://a b", "mailto:x@y"})
  void aRequestsAddressThatNothingCanBePostedToIsRefused(String url) {
    assertThatThrownBy(() -> RequestWebhooks.check(List.of(webhook(url, "")), KEYS))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("webhooks url");
  }

  @Test
  void aRequestsKeyMustBeOneOfOurs() {
    assertThatThrownBy(() -> RequestWebhooks.check(List.of(webhook("http://a", "third")), KEYS))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("signing_key");
    assertThatCode(() ->
            RequestWebhooks.check(List.of(webhook("https://a.example/x?y=1", "second")), KEYS))
        .doesNotThrowAnyException();
  }
}
