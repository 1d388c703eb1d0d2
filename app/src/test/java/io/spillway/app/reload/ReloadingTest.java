package io.spillway.app.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.ControllerConfig;
import io.spillway.app.config.ControllerFile;
import io.spillway.app.config.SpillwayConfig;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReloadingTest {
  private static final String START =
      """
      api_key: key
      api_secret: one
      port: 7000
      logging: {level: info}
      """;

  private final List<SpillwayConfig> taken = new ArrayList<>();
  private String text = START;

  private SpillwayConfig read() {
    return ConfigFile.read("spillway.yaml", text, Map.of(), Map.of()).config();
  }

  private final Reloading<SpillwayConfig> reloading =
      new Reloading<>(read(), ReloadParts.up(), this::read, taken::add);

  private Reloading.Outcome reload() {
    return reloading.reload().orElseThrow();
  }

  @Test
  void nothingNewIsNotHandedOver() {
    assertThat(reload()).isEqualTo(new Reloading.Outcome(List.of(), List.of()));
    assertThat(taken).isEmpty();
  }

  @Test
  void whatCanBeTakenIsHandedOverAndTheRestIsNamed() {
    text =
        """
        api_key: key
        api_secret: two
        port: 7001
        logging: {level: debug}
        webhook: {urls: ['http://hook']}
        alerts: {webhook_url: 'http://alerts'}
        session_limits: {file_output_max_duration: 1h}
        cpu_cost: {max_cpu_utilization: 0.5, track_cpu_cost: 1}
        storage: {prefix: x}
        """;
    assertThat(reload())
        .isEqualTo(
            new Reloading.Outcome(
                List.of(
                    "api_key, keys",
                    "session_limits",
                    "cpu_cost.max_*",
                    "webhook",
                    "logging.level",
                    "alerts"),
                List.of("port", "storage and local files", "cpu_cost.*_cost")));
    assertThat(taken.getFirst().keys()).containsEntry("key", "two");
  }

  @Test
  void eachKeyOfAControllerIsTakenOrNamed() {
    ControllerConfig before = controller("redis: {address: 'r:1'}");
    ControllerConfig after =
        controller(
            """
            redis: {address: 'r:2'}
            database_url: postgres://u@h/d
            secrets_key: %s
            region: eu
            on_node_loss: end
            go_nodes: true
            supervisor: {kubernetes: {labels: {app: egress}}}
            """
                .formatted(Base64.getEncoder().encodeToString(new byte[32])));
    Reloading<ControllerConfig> reloading =
        new Reloading<>(before, ReloadParts.controller(), () -> after, _ -> {});
    assertThat(reloading.reload().orElseThrow())
        .isEqualTo(
            new Reloading.Outcome(
                List.of(),
                List.of(
                    "redis",
                    "database_url",
                    "secrets_key",
                    "region",
                    "on_node_loss",
                    "go_nodes",
                    "supervisor")));
  }

  private static ControllerConfig controller(String yaml) {
    return ControllerFile.read("controller.yaml", yaml, Map.of(), Map.of()).config();
  }

  @Test
  void whatWaitsForARestartIsNamedEachTimeAndWhatWasTakenOnce() {
    text = START + "webhook: {urls: ['http://hook']}\nstart_timeout: 5s\n";
    assertThat(reload().taken()).containsExactly("webhook");
    assertThat(reload()).isEqualTo(new Reloading.Outcome(List.of(), List.of("start_timeout")));
    text = START;
    assertThat(reload()).isEqualTo(new Reloading.Outcome(List.of("webhook"), List.of()));
    assertThat(taken).hasSize(2);
  }

  @Test
  void aMistakeChangesNothing() {
    text = START + "webhook: {urls: [nowhere]}\n";
    assertThat(reloading.reload()).isEmpty();
    assertThat(taken).isEmpty();
  }

  @Test
  void anotherOrderOfKeysIsAChangeBecauseTheFirstSigns() {
    text = "keys: {other: secret}\n" + START;
    assertThat(reload().taken()).containsExactly("api_key, keys");
    text = START.replace("api_key: key\napi_secret: one\n", "keys: {other: secret, key: one}\n");
    assertThat(reload().taken()).containsExactly("api_key, keys");
  }
}
