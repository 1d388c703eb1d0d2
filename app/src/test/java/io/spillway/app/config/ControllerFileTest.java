package io.spillway.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spillway.core.fleet.LostEgress.OnNodeLoss;
import io.spillway.store.sql.PostgresSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControllerFileTest {
  private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final String OTHER_KEY = "HxQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQI=";
  private static final String REDIS = "redis: {address: 'r:1'}\n";

  private static Loaded<ControllerConfig> read(String text) {
    return ControllerFile.read("controller.yaml", REDIS + text, Map.of(), Map.of());
  }

  @Test
  void aloneItKeepsAFileAndItsLostEgressesGoOn() {
    ControllerConfig config = read("").config();
    assertThat(config.database()).isEmpty();
    assertThat(config.secrets()).isEmpty();
    assertThat(config.region()).isEmpty();
    assertThat(config.onNodeLoss()).isEqualTo(OnNodeLoss.CONTINUE);
    assertThat(config.redis().address()).isEqualTo("r:1");
  }

  @Test
  void aControllerThatNodesElsewhereCannotReachSaysSo() {
    assertThat(read("").warnings())
        .anySatisfy(
            warning -> assertThat(warning).contains("bind is not set").contains("127.0.0.1"));
    assertThat(read("bind: 0.0.0.0\n").warnings()).isEmpty();
  }

  @Test
  void aFrontDoorHasTheKeysOfRedisAndTurnsOurWebhooksOff() {
    assertThat(read("").config().frontDoor()).isEmpty();
    Loaded<ControllerConfig> loaded =
        read(
            """
            bind: 0.0.0.0
            front_door: {address: 'livekit:6379', password: hidden-word, db: 2}
            api_key: key
            api_secret: another secret for tests, long enough
            webhook: {urls: ['http://hook']}
            """);
    FrontDoorConfig door = loaded.config().frontDoor().orElseThrow();
    assertThat(door.redis().address()).isEqualTo("livekit:6379");
    assertThat(door.redis().database()).isEqualTo(2);
    assertThat(door.ownWebhooks()).isFalse();
    assertThat(door.toString()).doesNotContain("hidden-word");
    assertThat(loaded.warnings())
        .singleElement()
        .asString()
        .contains("webhook has no effect: with a front door livekit-server sends webhooks");
    assertThat(read("front_door: {address: 'l:1'}\nwebhooks: both").config().frontDoor())
        .hasValueSatisfying(both -> assertThat(both.ownWebhooks()).isTrue());
    assertThat(read("bind: 0.0.0.0\nwebhooks: both").warnings())
        .singleElement()
        .asString()
        .contains("webhooks has no effect without front_door");
    assertThatThrownBy(() -> read("front_door: {address: 'l:1'}\nwebhooks: ours"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("expected livekit");
    assertThatThrownBy(() -> read("front_door: {password: x}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("set front_door.address (or --front-door)");
  }

  @Test
  void anAddressOnTheCommandLineMayBeRedisUrl() {
    assertThat(FrontDoorSection.flags("r:1")).isEqualTo(Map.of("front_door.address", "r:1"));
    assertThat(FrontDoorSection.flags("redis://r")).containsEntry("front_door.address", "r:6379");
    assertThat(FrontDoorSection.flags("rediss://u:p%40ss@r:7/3"))
        .isEqualTo(
            Map.of(
                "front_door.address", "r:7",
                "front_door.use_tls", "true",
                "front_door.username", "u",
                "front_door.password", "p@ss",
                "front_door.db", "3"));
    assertThatThrownBy(() -> FrontDoorSection.flags("http://u:hidden@r"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--front-door: expected host:port or redis://")
        .message()
        .doesNotContain("hidden");
  }

  @Test
  void whatSeveralShareIsRead() {
    Loaded<ControllerConfig> loaded =
        read(
            """
            bind: 0.0.0.0
            database_url: postgres://db:5432/spillway?sslmode=require
            database_user: spill
            database_password: secret-password
            database_connections: 5
            secrets_key: [%s, %s]
            region: eu
            on_node_loss: end
            """
                .formatted(KEY, OTHER_KEY));
    assertThat(loaded.warnings()).isEmpty();
    ControllerConfig config = loaded.config();
    assertThat(config.database())
        .contains(
            new PostgresSettings(
                "jdbc:postgresql://db:5432/spillway?sslmode=require",
                "spill",
                "secret-password",
                5));
    assertThat(config.region()).isEqualTo("eu");
    assertThat(config.onNodeLoss()).isEqualTo(OnNodeLoss.END);
    assertThat(config.toString()).doesNotContain("secret-password", KEY, OTHER_KEY);
  }

  @Test
  void theFirstOfSeveralKeysSealsUnderTheSameNameForAllControllers() {
    String one = read("secrets_key: " + KEY).config().secrets().orElseThrow().current();
    String two =
        read("secrets_key: [%s, %s]".formatted(KEY, OTHER_KEY))
            .config()
            .secrets()
            .orElseThrow()
            .current();
    assertThat(one).isEqualTo(two).doesNotContain(KEY.substring(0, 6));
  }

  @Test
  void variablesDoWhatKeysDo() {
    ControllerConfig config =
        ControllerFile.read(
                "c.yaml",
                REDIS,
                Map.of(
                    "SPILLWAY_DATABASE_URL", "postgresql://u@db/x",
                    "SPILLWAY_DATABASE_PASSWORD", "p",
                    "SPILLWAY_SECRETS_KEY", KEY,
                    "SPILLWAY_REGION", "us"),
                Map.of())
            .config();
    assertThat(config.database())
        .contains(new PostgresSettings("jdbc:postgresql://db/x", "u", "p", 16));
    assertThat(config.region()).isEqualTo("us");
    assertThat(config.secrets()).isPresent();
  }

  @Test
  void aSharedDatabaseWithoutASharedKeySaysHowToMakeOne() {
    assertThatThrownBy(() -> read("database_url: postgres://u:p@db/x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no secrets_key")
        .hasMessageContaining("openssl rand -base64 32");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "database_url: mysql://u:hidden@db/x | database_url: expected an address like postgres://",
        "database_url: db:5432 | database_url: expected an address like postgres://",
        "database_url: 'postgres://u:%zz@db/x' | database_url: expected an address like postgres://",
        "secrets_key: hidden | secrets_key: expected 32 bytes in Base64",
        "on_node_loss: stop | on_node_loss: expected continue or end",
        "region: 'Europa West' | region: expected at most 64 letters",
        "database_connections: 0 | database_connections: expected a whole number from 1",
      })
  void aBadValueNamesItsKeyAndShowsNoSecret(String text, String complaint) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("controller.yaml:2: " + complaint)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void keysOfNodesAreRemarkedOn() {
    assertThat(read("health_port: 8080\ncontroller_urls: http://c:7990\nregon: eu\n").warnings())
        .anySatisfy(line -> assertThat(line).contains("health_port", "for 'spillway node'"))
        .anySatisfy(line -> assertThat(line).contains("controller_urls", "for 'spillway node'"))
        .anySatisfy(line -> assertThat(line).contains("regon", "not a key we know"));
  }

  @Test
  void thePasswordOfAClientKeyIsNotShownEither() {
    PostgresSettings settings =
        new PostgresSettings("jdbc:postgresql://db/x?sslpassword=hush&ssl=true", "u", "p", 3);
    assertThat(settings.toString()).doesNotContain("hush").contains("ssl=true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgres://u:p@db:5432/x | jdbc:postgresql://db:5432/x | u | p",
        "jdbc:postgresql://db/x?user=u&password=p&ssl=true | jdbc:postgresql://db/x?ssl=true | u | p",
        "postgresql://a:1,b:2/x | jdbc:postgresql://a:1,b:2/x | '' | ''",
        "postgres://u%40x:p%2Fw+d@db/x | jdbc:postgresql://db/x | u@x | p/w+d",
        "postgres://u:p@[::1]:5432/x?targetServerType=primary |"
            + " jdbc:postgresql://[::1]:5432/x?targetServerType=primary | u | p",
      })
  void addressesArePutTogetherWithoutNameAndPassword(
      String text, String url, String user, String password) {
    PostgresSettings settings = DatabaseUrl.read(text).orElseThrow().settings("", "", 3);
    assertThat(settings).isEqualTo(new PostgresSettings(url, user, password, 3));
    assertThat(DatabaseUrl.read(text).orElseThrow().toString()).doesNotContain(":p");
  }

  @Test
  void aSupervisorIsReadWithItsDefaults() {
    assertThat(read("").config().supervisor()).isEqualTo(new SupervisorConfig.None());
    Loaded<ControllerConfig> local =
        read(
            """
            bind: 0.0.0.0
            data: /d
            supervisor: {local: {command: [spillway, node, --data, '{data}']}}
            """);
    assertThat(local.warnings()).isEmpty();
    assertThat(local.config().supervisor())
        .isEqualTo(
            new SupervisorConfig.Local(
                List.of("spillway", "node", "--data", "{data}"), Path.of("/d/nodes")));
    Loaded<ControllerConfig> kubernetes =
        read("bind: 0.0.0.0\nsupervisor: {kubernetes: {labels: {app: egress}}}");
    assertThat(kubernetes.warnings()).isEmpty();
    assertThat(kubernetes.config().supervisor())
        .isEqualTo(
            new SupervisorConfig.Kubernetes("", Map.of("app", "egress"), Duration.ofDays(1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{local: {command: [spillway, node]}} | with {data} where",
        "{kubernetes: {namespace: media}} | at least one label",
        "{local: {command: ['{data}']}, kubernetes: {labels: {a: b}}} | not both",
      })
  void aSupervisorThatCantWorkIsNamedWithItsKey(String section, String text) {
    assertThatThrownBy(() -> read("supervisor: " + section))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("controller.yaml:")
        .hasMessageContaining("supervisor.")
        .hasMessageContaining(text);
  }
}
