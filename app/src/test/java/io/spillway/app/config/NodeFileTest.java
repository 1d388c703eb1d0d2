package io.spillway.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.rpc.bus.RedisSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeFileTest {
  /** As people have it beside livekit/egress. */
  private static final String FULL =
      """
      log_level: debug
      api_key: key1
      api_secret: secret1
      ws_url: wss://example.org
      cluster_id: west
      health_port: 8081
      prometheus_port: 9090
      template_base: https://example.org/recorder
      template_port: 7980
      insecure: true
      debug: {enable_profiling: true}
      redis:
        address: redis.example.org:6379
        username: u
        password: p
        db: 3
        tls:
          enabled: true
          server_name: redis
          ca_cert_file: /etc/ca.pem
        dial_timeout: 500
        pool_size: 10
      cpu_cost:
        room_composite_cpu_cost: 3
        track_cpu_cost: 0.25
      session_limits:
        file_output_max_duration: 1h
      """;

  private static Loaded<NodeConfig> read(String text) {
    return NodeFile.read("egress.yaml", text, Map.of(), Map.of());
  }

  @Test
  void anEgressFileIsReadWithLiveKitsKeys() {
    NodeConfig config = read(FULL).config();
    assertThat(config.healthPort()).isEqualTo(8081);
    assertThat(config.prometheusPort()).isEqualTo(9090);
    assertThat(config.lastResortBids()).isTrue();
    assertThat(config.recorder().clusterId()).isEqualTo("west");
    assertThat(config.recorder().log().level()).isEqualTo("debug");
    assertThat(config.recorder().limits().fileMaxDuration()).isEqualTo(Duration.ofHours(1));
    RedisSettings redis = config.redis();
    assertThat(redis.address()).isEqualTo("redis.example.org:6379");
    assertThat(redis.username()).isEqualTo("u");
    assertThat(redis.password()).isEqualTo("p");
    assertThat(redis.database()).isEqualTo(3);
    assertThat(redis.dialTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(redis.tls())
        .isEqualTo(Optional.of(new RedisSettings.Tls(true, false, "redis", "/etc/ca.pem", "", "")));
  }

  @Test
  void keysWithoutEffectAndUnknownOnesAreNamedWithTheirLines() {
    List<String> warnings = read(FULL + "healthport: 8080\n").warnings();
    assertThat(warnings)
        .anySatisfy(line -> assertThat(line).contains("egress.yaml:28", "healthport", "not a key"))
        .anySatisfy(line -> assertThat(line).contains("redis.pool_size has no effect"))
        .anySatisfy(line -> assertThat(line).contains("template_base has no effect"))
        .anySatisfy(line -> assertThat(line).contains("room_composite_cpu_cost has no effect"))
        .noneSatisfy(line -> assertThat(line).contains("health_port"));
  }

  @Test
  void aNodeIdOfTheFilesOwnIsRemarkedOn() {
    assertThat(read("redis: {address: 'r:1'}\nnode_id: NE_mine\n").warnings())
        .singleElement()
        .asString()
        .contains("node_id has no effect");
  }

  @Test
  void sentinelsAndAClusterNeedNoAddress() {
    assertThat(
            read("redis: {sentinel_master_name: m, sentinel_addresses: ['a:1', 'b:2']}")
                .config()
                .redis()
                .sentinelAddresses())
        .containsExactly("a:1", "b:2");
    assertThat(read("redis: {cluster_addresses: ['a:1']}").config().redis().maxRedirects())
        .isEqualTo(2);
  }

  @Test
  void controllersMakeItANodeOfTheirs() {
    String text = "redis: {address: 'r:1'}\ncontroller_urls: ['http://a:7990', 'https://b/']\n";
    Loaded<NodeConfig> loaded = read(text + "region: eu\nlast_resort_bids: true\n");
    assertThat(loaded.config().isManaged()).isTrue();
    assertThat(loaded.config().controllers())
        .containsExactly(URI.create("http://a:7990"), URI.create("https://b/"));
    assertThat(loaded.config().region()).isEqualTo("eu");
    assertThat(loaded.warnings())
        .singleElement()
        .asString()
        .contains("last_resort_bids has no effect beside controller_urls");
    NodeConfig byVariable =
        NodeFile.read(
                "n.yaml",
                "redis: {address: 'r:1'}\n",
                Map.of("SPILLWAY_CONTROLLER_URLS", "http://a:1, http://b:2"),
                Map.of())
            .config();
    assertThat(byVariable.controllers()).hasSize(2);
  }

  @Test
  void withoutControllersARegionIsRemarkedOn() {
    Loaded<NodeConfig> loaded = read("redis: {address: 'r:1'}\nregion: eu\n");
    assertThat(loaded.config().isManaged()).isFalse();
    assertThat(loaded.warnings())
        .singleElement()
        .asString()
        .contains("region has no effect without controller_urls");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{redis: {address: 'r:1'}, controller_urls: 'c:7990'} | controller_urls: expected addresses of controllers",
        "{redis: {address: 'r:1'}, controller_urls: 'http://u:p@c'} | controller_urls: expected addresses of controllers",
        "ws_url: wss://x.org | no Redis: set redis.address",
        "redis: {address: localhost} | redis.address: expected host:port",
        "redis: {address: 'r:1', db: two} | redis.db: expected a whole number",
        "redis: {sentinel_addresses: ['a:1']} | redis.sentinel_addresses: needs sentinel_master_name",
        "redis: redis:6379 | redis: expected keys below it",
        "{redis: {address: 'r:1'}, health_port: 99999} | health_port: expected a whole number from 0 to 65535",
        "{redis: {address: 'r:1'}, last_resort_bids: maybe} | last_resort_bids: expected true or false",
        "{redis: {address: 'r:1', tls: {enabled: x}}} | redis.tls.enabled: expected true or false",
      })
  void aBadValueNamesItsKey(String text, String complaint) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void aFlagBeatsTheFile() {
    NodeConfig config =
        NodeFile.read(
                "egress.yaml",
                "redis: {address: 'file:1', db: 2}\n",
                Map.of(),
                Map.of("redis.address", "flag:2"))
            .config();
    assertThat(config.redis().address()).isEqualTo("flag:2");
    assertThat(config.redis().database()).isEqualTo(2);
  }
}
