package io.spillway.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.token.ApiKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
  private static final String FULL =
      """
      api_key: key1
      api_secret: secret1
      ws_url: wss://example.org
      cluster_id: west
      redis:
        address: localhost:6379
      session_limits:
        file_output_max_duration: 1h30m
        file_output_max_size: 5000000
      cpu_cost:
        max_cpu_utilization: 0.5
        track_cpu_cost: 0.25
        max_memory: 2
      logging:
        level: debug
        json: true
      local_output_roots:
        - /srv/a
        - /srv/b
      storage:
        prefix: recordings
      min_free_disk: 1GiB
      history_retention: 168h
      """;

  private static Loaded<SpillwayConfig> read(String text) {
    return ConfigFile.read("c.yaml", text, Map.of(), Map.of());
  }

  @Test
  void anEgressFileIsReadWithLiveKitsKeys() {
    SpillwayConfig config = read(FULL).config();

    assertThat(config.livekitUrl()).isEqualTo("wss://example.org");
    assertThat(config.keys()).containsExactly(Map.entry("key1", "secret1"));
    assertThat(config.clusterId()).isEqualTo("west");
    assertThat(config.limits().fileMaxDuration()).isEqualTo(Duration.ofMinutes(90));
    assertThat(config.limits().fileMaxBytes()).isEqualTo(5_000_000);
    assertThat(config.admission().maxCpuUtilization()).isEqualTo(0.5);
    assertThat(config.admission().trackCpuCost()).contains(0.25);
    assertThat(config.admission().maxMemoryBytes()).isEqualTo(2_000_000_000L);
    assertThat(config.log()).isEqualTo(new SpillwayConfig.Log("debug", true));
    assertThat(config.recording().localOutputRoots())
        .containsExactly(Path.of("/srv/a"), Path.of("/srv/b"));
    assertThat(config.recording().prefix()).isEqualTo("recordings");
    assertThat(config.recording().minFreeDiskBytes()).isEqualTo(1L << 30);
    assertThat(config.historyRetention()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void anEmptyFileGivesDefaults() {
    SpillwayConfig config = read("").config();

    assertThat(config.port()).isEqualTo(7990);
    assertThat(config.bindAddress()).isEqualTo("127.0.0.1");
    assertThat(config.dataDir()).isEqualTo(Path.of("spillway-data"));
    assertThat(config.startTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.historyRetention()).isEqualTo(Duration.ofDays(30));
    assertThat(read("history_retention: 0").config().historyRetention()).isZero();
    assertThat(config.limits().fileMaxDuration()).isZero();
    assertThat(config.admission().trackCpuCost()).isEmpty();
    assertThat(read("# only a comment\n").warnings()).isEmpty();
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndHarmsNothing() {
    var loaded =
        read(
            """
            api_key: a
            api_secret: b
            apisecret: c
            session_limits:
              file_output_max_duratoin: 1h
            """);

    assertThat(loaded.warnings())
        .containsExactly(
            "c.yaml:3: apisecret is not a key we know: it has no effect",
            "c.yaml:5: session_limits.file_output_max_duratoin is not a key we know: it has no"
                + " effect");
  }

  @Test
  void aKeyOfLiveKitsWithoutEffectIsSaidToHaveNone() {
    assertThat(read("redis:\n  address: x\nio_workers: 5\n").warnings())
        .anyMatch(
            w -> w.startsWith("c.yaml:1: redis has no effect") || w.contains(": redis has no"))
        .anyMatch(w -> w.startsWith("c.yaml:3: io_workers has no effect"))
        .hasSize(2);
  }

  @Test
  void aDoubledKeyIsAnErrorThatNamesBothLines() {
    assertThatThrownBy(() -> read("port: 1\ndata: x\nport: 2\n"))
        .hasMessage("c.yaml:3: 'port' is given twice (first at line 1)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: many               | c.yaml:1: port: expected a whole number from 0 to 65535, found a value of 4 characters",
        "port: 70000              | c.yaml:1: port: expected a whole number from 0 to 65535, found a value of 5 characters",
        "port: [1, 2]             | c.yaml:1: port: expected one value, found a list of 2",
        "session_limits: 5        | c.yaml:1: session_limits: expected keys below it, found a value of 1 characters",
        "mp4_fast_start: maybe    | c.yaml:1: mp4_fast_start: expected true or false, found a value of 5 characters",
        "spool_sync: soon         | c.yaml:1: spool_sync: expected a duration like 90s, 1h30m or 500ms, found a value of 4 characters",
        "min_free_disk: 5 apples  | c.yaml:1: min_free_disk: expected a size like 500MB, 2GiB or a number of bytes, found a value of 8 characters",
        "ws_url: example.org      | c.yaml:1: ws_url: expected an address like wss://livekit.example.com",
        "local_output_roots: 7    | c.yaml:1: local_output_roots: expected folders (a number as a name needs quotes), found a value of 1 characters",
        "local_output_roots: [/a, true] | c.yaml:1: local_output_roots: expected folders (a number as a name needs quotes), found a value of 4 characters",
        "logging: {level: loud}   | c.yaml:1: logging.level: expected trace, debug, info, warn or error",
        "api_key: a               | api_key and api_secret go together: only api_key is set (in the file or by LIVEKIT_API_KEY and LIVEKIT_API_SECRET)",
        "'- a'                    | c.yaml:1: expected 'key: value' lines",
      })
  void aWrongValueIsAnErrorWithLineAndKey(String text, String message) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(ConfigException.class).hasMessage(message);
  }

  @Test
  void aFolderMayBeNamedByANumberInQuotes() {
    assertThat(read("local_output_roots: '7'\n").config().recording().localOutputRoots())
        .containsExactly(Path.of("7"));
  }

  @Test
  void brokenYamlIsAnErrorWithItsLine() {
    assertThatThrownBy(() -> read("port: 1\nkeys: {a: b\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("c.yaml:")
        .hasMessageContaining("not YAML");
  }

  @Test
  void anUploadThatWouldNotHappenIsRefused() {
    assertThatThrownBy(() -> read("storage:\n  s3:\n    bucket: b\n"))
        .hasMessageContaining("storage.s3: uploads aren't supported yet");
  }

  @Test
  void theFileBeatsVariablesAndFlagsBeatBoth() {
    Map<String, String> environment =
        Map.of(
            "LIVEKIT_API_KEY", "env",
            "LIVEKIT_API_SECRET", "envsecret",
            "LIVEKIT_WS_URL", "ws://env:1");
    String file = "ws_url: ws://file:1\n";

    var fromFile = ConfigFile.read("c.yaml", file, environment, Map.of()).config();
    var fromFlag =
        ConfigFile.read(
                "c.yaml",
                file,
                environment,
                Map.of("ws_url", "ws://flag:1", "logging.level", "warn"))
            .config();

    assertThat(fromFile.livekitUrl()).isEqualTo("ws://file:1");
    assertThat(fromFile.keys()).containsExactly(Map.entry("env", "envsecret"));
    assertThat(fromFlag.livekitUrl()).isEqualTo("ws://flag:1");
    assertThat(fromFlag.log().level()).isEqualTo("warn");
  }

  @Test
  void aWrongFlagIsBlamedOnTheCommandLine() {
    assertThatThrownBy(() -> ConfigFile.read("c.yaml", "port: 1\n", Map.of(), Map.of("port", "x")))
        .hasMessageStartingWith("command line: port: expected a whole number");
  }

  @Test
  void theFirstKeySigns() {
    var config = read("api_key: z\napi_secret: s\nkeys:\n  a: t\n").config();

    assertThat(config.signingKey()).contains(new ApiKey("z", "s"));
    assertThat(config.keys()).containsExactly(Map.entry("z", "s"), Map.entry("a", "t"));
  }

  @Test
  void secretsAreNeverPrinted() {
    assertThat(read(FULL).config().toString()).contains("key1").doesNotContain("secret1");
    assertThatThrownBy(() -> read("port: hunter2secret\n"))
        .hasMessageNotContaining("hunter2secret");
  }

  @Test
  void webhooksHaveLivekitServersKeys() {
    var loaded =
        read(
            """
            api_key: k
            api_secret: s
            webhook:
              api_key: k
              urls: [https://a.example/hook, http://b.example]
              filter_params: {include_events: [egress_ended]}
              resource_url_notifier: {max_age: 30s}
            """);
    assertThat(loaded.config().webhooks())
        .isEqualTo(
            new SpillwayConfig.Webhooks(
                "k",
                List.of("https://a.example/hook", "http://b.example"),
                List.of("egress_ended"),
                List.of()));
    assertThat(loaded.warnings()).hasSize(1).first().asString().contains("resource_url_notifier");
  }

  @Test
  void aWebhookThatCouldNeverBeSentStopsTheStart() {
    assertThatThrownBy(() -> read("api_key: k\napi_secret: s\nwebhook:\n  api_key: other\n"))
        .hasMessageContaining("c.yaml:4: webhook.api_key: is not among the API keys");
    assertThatThrownBy(() -> read("webhook:\n  urls: [nowhere]\n"))
        .hasMessageContaining("c.yaml:2: webhook.urls: expected addresses");
  }
}
