package io.spillway.app.config;

import io.spillway.app.config.SpillwayConfig.Admission;
import io.spillway.app.config.SpillwayConfig.Alerts;
import io.spillway.app.config.SpillwayConfig.Dashboard;
import io.spillway.app.config.SpillwayConfig.Limits;
import io.spillway.app.config.SpillwayConfig.Log;
import io.spillway.app.config.SpillwayConfig.Network;
import io.spillway.app.config.SpillwayConfig.Recording;
import io.spillway.app.config.SpillwayConfig.Webhooks;
import io.spillway.controller.session.SessionSettings;
import io.spillway.controller.webhook.RequestWebhooks;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a configuration file with livekit/egress's keys (pkg/config/base.go and service.go of it)
 * and our own. LiveKit's order of precedence: a key in the file beats a LIVEKIT_* variable; flags,
 * which LiveKit hasn't, beat both.
 */
public final class ConfigFile {
  /** Keys of livekit/egress that make no sense here, and why. They are accepted with a remark. */
  private static final Map<String, String> WITHOUT_EFFECT = new LinkedHashMap<>();

  static {
    String chrome = "concerns Chrome: track recording needs none";
    for (String key :
        List.of("template_base", "template_port", "enable_chrome_sandbox", "chrome_flags")) {
      WITHOUT_EFFECT.put(key, chrome);
    }
    WITHOUT_EFFECT.put("insecure", chrome);
    WITHOUT_EFFECT.put("pulse_sink_reap_grace_sec", "concerns PulseAudio: nothing here uses it");
    String timing = "tunes LiveKit's own pipeline; timing is measured here";
    for (String key :
        List.of(
            "latency",
            "latency_overrides",
            "audio_tempo_controller",
            "enable_sync_engine",
            "enable_one_shot_sender_report_sync",
            "video_encoder_threads",
            "test_overrides",
            "debug",
            "debug_handler_port")) {
      WITHOUT_EFFECT.put(key, timing);
    }
    String status = "tunes LiveKit's status client; statuses are journalled here and never dropped";
    for (String key :
        List.of("io_create_timeout", "io_update_timeout", "io_selection_timeout", "io_workers")) {
      WITHOUT_EFFECT.put(key, status);
    }
  }

  /** Keys of {@code spillway node}, and why {@code up} has no use for them. */
  private static final Map<String, String> OF_NODES = new LinkedHashMap<>();

  static {
    String port = "has no port of its own: /healthz and /metrics are on the API's port";
    OF_NODES.put("health_port", port);
    OF_NODES.put("prometheus_port", port);
    String inside = "is not used by 'up', which has its bus inside";
    OF_NODES.put("redis", inside);
    OF_NODES.put("last_resort_bids", inside);
    String alone = "is for 'spillway node' and 'spillway controller'; 'up' is both in one process";
    OF_NODES.put("controller_urls", alone);
    OF_NODES.put("region", alone);
  }

  /** Keys that promise an upload: going on without it would betray the promise. */
  private static final List<String> UPLOADS = List.of("s3", "gcp", "azure", "alioss");

  private ConfigFile() {}

  /**
   * Reads a configuration.
   *
   * @param name of the file, for messages
   * @param text YAML, may be empty
   * @param environment LIVEKIT_API_KEY, LIVEKIT_API_SECRET, LIVEKIT_URL and LIVEKIT_WS_URL are read
   * @param flags values that beat the file's, by key ({@code logging.level} for one in a section)
   * @throws ConfigException that names file, line and key
   */
  public static Loaded<SpillwayConfig> read(
      String name, String text, Map<String, String> environment, Map<String, String> flags) {
    Section root = new Section(name, "", YamlValue.parse(name, text).with(flags));
    List<String> warnings = new ArrayList<>();
    SpillwayConfig config = common(root, environment, warnings);
    OF_NODES.forEach((key, why) -> {
      if (root.has(key)) {
        warnings.add(root.remark(key, "has no effect: it " + why));
      }
    });
    FleetKeys.remarkOnControllers(root, warnings);
    warnings.addAll(remarks(root));
    return new Loaded<>(config, warnings);
  }

  /** What every command with a recorder reads. */
  static SpillwayConfig common(
      Section root, Map<String, String> environment, List<String> warnings) {
    Map<String, String> keys = keys(root, environment);
    return new SpillwayConfig(
        livekitUrl(root, environment),
        keys,
        root.string("cluster_id").orElse(""),
        root.string("bind").orElse("127.0.0.1"),
        root.whole("port", 0, 65_535).orElse(7990),
        Path.of(root.string("data").orElse("spillway-data")),
        root.duration("start_timeout").orElse(Duration.ofSeconds(10)),
        root.duration("history_retention").orElse(Duration.ofDays(30)),
        recording(root),
        limits(root.section("session_limits"), warnings),
        admission(root.section("cpu_cost"), warnings),
        network(root),
        webhooks(root.section("webhook"), keys, warnings),
        log(root),
        dashboard(root.section("dashboard")),
        alerts(root.section("alerts")));
  }

  /** Remarks on keys that have no effect and on those that nobody knows; after all was read. */
  static List<String> remarks(Section root) {
    List<String> remarks = new ArrayList<>();
    WITHOUT_EFFECT.forEach((key, why) -> {
      if (root.has(key)) {
        remarks.add(root.remark(key, "has no effect: it " + why));
      }
    });
    remarks.addAll(root.unknown());
    return remarks;
  }

  private static String livekitUrl(Section root, Map<String, String> environment) {
    String url =
        root.string("ws_url")
            .or(() -> variable(environment, "LIVEKIT_WS_URL"))
            .or(() -> variable(environment, "LIVEKIT_URL"))
            .orElse("");
    if (!url.isEmpty() && !url.matches("(wss?|https?)://[^/].*")) {
      throw root.problem("ws_url", "expected an address like wss://livekit.example.com");
    }
    return url;
  }

  private static Map<String, String> keys(Section root, Map<String, String> environment) {
    Map<String, String> keys = new LinkedHashMap<>();
    String key =
        root.string("api_key").or(() -> variable(environment, "LIVEKIT_API_KEY")).orElse("");
    String secret =
        root.string("api_secret").or(() -> variable(environment, "LIVEKIT_API_SECRET")).orElse("");
    if (key.isEmpty() != secret.isEmpty()) {
      throw new ConfigException(
          "api_key and api_secret go together: only "
              + (key.isEmpty() ? "api_secret" : "api_key")
              + " is set (in the file or by LIVEKIT_API_KEY and LIVEKIT_API_SECRET)");
    }
    if (!key.isEmpty()) {
      keys.put(key, secret);
    }
    root.texts("keys").forEach(keys::putIfAbsent);
    return keys;
  }

  private static Recording recording(Section root) {
    Section storage = root.section("storage");
    Section backup = root.section("backup");
    for (Section section : List.of(storage, backup)) {
      for (String upload : UPLOADS) {
        if (section.has(upload)) {
          throw section.problem(upload, "uploads aren't supported yet: recordings stay on disk");
        }
      }
    }
    for (String key :
        List.of(
            "s3_assume_role_key",
            "s3_assume_role_secret",
            "s3_assume_role_arn",
            "s3_assume_role_external_id",
            "max_upload_queue")) {
      root.has(key); // tunes uploads: known, nothing to tune
    }
    storage.has("generate_presigned_url");
    return new Recording(
        root.flag("disallow_local_storage").orElse(false),
        root.folders("local_output_roots"),
        storage.string("prefix").orElse(""),
        root.bytes("min_free_disk").orElse(500_000_000L),
        root.duration("spool_sync").orElse(Duration.ofSeconds(10)),
        root.duration("reconnect_window").orElse(Duration.ZERO),
        root.flag("mp4_fast_start").orElse(false));
  }

  private static Limits limits(Section section, List<String> warnings) {
    for (String key :
        List.of(
            "stream_output_max_duration",
            "segment_output_max_duration",
            "image_output_max_duration")) {
      if (section.has(key)) {
        warnings.add(section.remark(key, "has no effect yet: only files are recorded"));
      }
    }
    return new Limits(
        section.duration("file_output_max_duration").orElse(Duration.ZERO),
        section.bytes("file_output_max_size").orElse(0L));
  }

  private static Admission admission(Section section, List<String> warnings) {
    for (String key :
        List.of(
            "room_composite_cpu_cost",
            "audio_room_composite_cpu_cost",
            "sdk_audio_room_composite_cpu_cost",
            "sdk_audio_room_composite_memory_cost",
            "web_cpu_cost",
            "audio_web_cpu_cost",
            "participant_cpu_cost",
            "track_composite_cpu_cost",
            "max_pulse_clients",
            "memory_source",
            "memory_kill_grace_sec",
            "cpu_kill_grace_sec")) {
      if (section.has(key)) {
        warnings.add(section.remark(key, "has no effect yet: only tracks are recorded"));
      }
    }
    double utilization = section.number("max_cpu_utilization").orElse(0.8);
    if (utilization <= 0 || utilization > 1) {
      throw section.problem("max_cpu_utilization", "expected a share above 0, at most 1");
    }
    return new Admission(
        utilization,
        section.number("track_cpu_cost").filter(cost -> cost > 0),
        gigabytes(section.number("max_memory").orElse(0.0)),
        section.number("memory_cost").filter(cost -> cost > 0).map(ConfigFile::gigabytes));
  }

  private static long gigabytes(double number) {
    return Math.round(number * 1e9);
  }

  private static Network network(Section root) {
    int lowest = root.whole("udp_port_min", 0, 65_535).orElse(0);
    int highest = root.whole("udp_port_max", 0, 65_535).orElse(0);
    if (lowest > highest) {
      throw root.problem("udp_port_min", "must not be above udp_port_max");
    }
    int buffer =
        Math.toIntExact(
            Math.min(root.bytes("udp_receive_buffer").orElse(512L << 10), Integer.MAX_VALUE));
    return new Network(lowest, highest, buffer, root.whole("joins_at_once", 1, 1000).orElse(32));
  }

  private static Webhooks webhooks(
      Section section, Map<String, String> keys, List<String> warnings) {
    for (String key : List.of("url_notifier", "resource_url_notifier")) {
      if (section.has(key)) {
        warnings.add(
            section.remark(
                key, "has no effect: webhooks are kept in the store and tried for a day"));
      }
    }
    String key = section.string("api_key").orElse("");
    if (!key.isEmpty() && !keys.containsKey(key)) {
      throw section.problem("api_key", "is not among the API keys: its secret is needed to sign");
    }
    List<String> urls = section.strings("urls");
    for (String url : urls) {
      if (!RequestWebhooks.isAddress(url)) {
        throw section.problem("urls", "expected addresses like https://example.com/hook");
      }
    }
    Section filter = section.section("filter_params");
    return new Webhooks(
        key, urls, filter.strings("include_events"), filter.strings("exclude_events"));
  }

  private static Log log(Section root) {
    Section section = root.section("logging");
    // log_level is what older releases of livekit/egress had.
    String level = section.string("level").or(() -> root.string("log_level")).orElse("info");
    if (!List.of("trace", "debug", "info", "warn", "error").contains(level)) {
      throw section.problem("level", "expected trace, debug, info, warn or error");
    }
    for (String key :
        List.of(
            "sample",
            "component_levels",
            "sample_initial",
            "sample_interval",
            "item_sample_seconds",
            "item_sample_initial",
            "item_sample_interval")) {
      section.has(key); // zap's own tuning
    }
    root.has("log_level");
    return new Log(level, section.flag("json").orElse(false));
  }

  private static Dashboard dashboard(Section section) {
    return new Dashboard(
        section.flag("enabled").orElse(true),
        dashboardToken(section, "viewer_token"),
        dashboardToken(section, "admin_token"),
        section.duration("session").filter(life -> life.isPositive()).orElse(Duration.ofHours(8)));
  }

  private static Alerts alerts(Section section) {
    return new Alerts(
        address(section, "alertmanager_url"),
        address(section, "webhook_url"),
        address(section, "dashboard_url"),
        section
            .duration("start_latency_target")
            .filter(target -> target.isPositive())
            .orElse(Duration.ofSeconds(2)));
  }

  private static Optional<URI> address(Section section, String key) {
    Optional<String> text = section.string(key);
    if (text.filter(address -> !address.matches("https?://[^/\\s]\\S*")).isPresent()) {
      throw section.problem(key, "expected an address like https://alerts.example.com");
    }
    try {
      return text.map(URI::create);
    } catch (IllegalArgumentException notAnAddress) {
      throw section.problem(key, "expected an address like https://alerts.example.com");
    }
  }

  private static Optional<String> dashboardToken(Section section, String key) {
    Optional<String> token = section.string(key);
    if (token.filter(text -> text.length() < SessionSettings.SHORTEST_TOKEN).isPresent()) {
      throw section.problem(
          key,
          "needs at least "
              + SessionSettings.SHORTEST_TOKEN
              + " characters: try openssl rand -hex 24");
    }
    return token;
  }

  /** A list, or several in one text with commas; from the variable where the key isn't there. */
  static List<String> list(
      Section root, String key, Map<String, String> environment, String variable) {
    List<String> given = root.strings(key);
    return (given.isEmpty() ? variable(environment, variable).stream() : given.stream())
        .flatMap(text -> Stream.of(text.split(",", -1)))
        .map(String::strip)
        .toList();
  }

  static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }
}
