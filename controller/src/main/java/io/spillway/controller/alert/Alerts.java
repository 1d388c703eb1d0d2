package io.spillway.controller.alert;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.request.Redaction;
import io.spillway.controller.status.ProgressSource;
import io.spillway.core.alert.AlertBook;
import io.spillway.core.alert.AlertKind;
import io.spillway.core.alert.AlertRules;
import io.spillway.core.alert.Signs;
import io.spillway.core.alert.Standing;
import io.spillway.core.alert.Starts;
import io.spillway.core.time.TimeSource;
import io.spillway.store.StoreException;
import io.spillway.store.outbox.Backlog;
import io.spillway.store.outbox.Outbox;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges once a second and tells whoever wants to know. {@link #judge} belongs to one thread;
 * {@link #told} may be asked by any. Every controller judges by itself, from the store that all
 * share: Alertmanager makes one alert of what several tell.
 */
public final class Alerts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);

  /** Alertmanager forgets what isn't told again; Prometheus does it once a minute, too. */
  private static final Duration REPEAT = Duration.ofMinutes(1);

  /** The backlog is one query over what waits: not each second. */
  private static final Duration BACKLOG_EVERY = Duration.ofSeconds(5);

  private final AlertRules rules = AlertRules.usual();
  private final Parts parts;
  private final TimeSource time;
  private final StuckEgresses stuck = new StuckEgresses();
  private final AlertPoster poster = new AlertPoster();
  private final RandomGenerator random;
  private final AtomicLong sentByEarlier = new AtomicLong();
  private final AtomicLong failuresOfEarlier = new AtomicLong();
  private volatile List<AlertSender> senders;
  private List<Signs.Backlog> backlog = List.of();
  private long backlogReadNanos;
  private boolean backlogRead;
  private volatile AlertBook book = AlertBook.EMPTY;

  /**
   * What is judged.
   *
   * @param strangers who else takes requests at the front door; must not block
   */
  public record Parts(
      EgressWatch watch,
      Starts starts,
      ProgressSource progress,
      FleetView fleet,
      Outbox outbox,
      Supplier<List<String>> strangers) {}

  /**
   * Tells nobody before {@link #start}.
   *
   * @param random for the waits between tries
   */
  public Alerts(
      AlertSettings settings,
      Parts parts,
      PrometheusRegistry metrics,
      TimeSource time,
      RandomGenerator random) {
    this.parts = parts;
    this.time = time;
    this.random = random;
    this.senders = senders(settings);
    measure(metrics);
  }

  private List<AlertSender> senders(AlertSettings settings) {
    List<AlertSender> receivers = new ArrayList<>();
    settings
        .alertmanager()
        .map(Alerts::alertmanagerAlerts)
        .ifPresent(address ->
            receivers.add(
                new AlertSender(
                    "alertmanager",
                    (firing, over) ->
                        poster.post(
                            address,
                            AlertBody.alertmanager(
                                firing, over, settings.dashboard(), time.unixNanos())),
                    REPEAT,
                    time,
                    random)));
    settings
        .webhook()
        .ifPresent(address ->
            receivers.add(
                new AlertSender(
                    "webhook",
                    (firing, over) ->
                        poster.post(
                            address,
                            AlertBody.webhook(
                                firing, over, settings.dashboard(), time.unixNanos())),
                    Duration.ZERO,
                    time,
                    random)));
    return List.copyOf(receivers);
  }

  private static URI alertmanagerAlerts(URI base) {
    String text = base.toString();
    return URI.create((text.endsWith("/") ? text : text + "/") + "api/v2/alerts");
  }

  private void measure(PrometheusRegistry metrics) {
    GaugeWithCallback.builder()
        .name("spillway_alerts_firing")
        .help("Alerts that stand, by name")
        .labelNames("alertname")
        .callback(sample -> {
          List<Standing> now = told();
          for (AlertKind kind : AlertKind.values()) {
            long count = now.stream().filter(one -> one.finding().kind() == kind).count();
            sample.call((double) count, kind.alertName());
          }
        })
        .register(metrics);
    CounterWithCallback.builder()
        .name("spillway_alert_sends")
        .help("Messages to receivers of alerts, by result")
        .labelNames("result")
        .callback(sample -> {
          List<AlertSender> now = senders;
          sample.call(sum(now, AlertSender::sent, sentByEarlier), "taken");
          sample.call(sum(now, AlertSender::failures, failuresOfEarlier), "failed");
        })
        .register(metrics);
  }

  private static double sum(
      List<AlertSender> senders, ToLongFunction<AlertSender> count, AtomicLong earlier) {
    return earlier.get() + senders.stream().mapToLong(count).sum();
  }

  /**
   * Tells these receivers from now on, all that stands first; limits of time apply to starts from
   * now on.
   */
  public synchronized void replace(AlertSettings settings) {
    parts.starts().latencyTarget(settings.latencyTarget());
    List<AlertSender> before = senders;
    List<AlertSender> after = senders(settings);
    after.forEach(AlertSender::start);
    senders = after;
    before.forEach(sender -> {
      sender.close();
      sentByEarlier.addAndGet(sender.sent());
      failuresOfEarlier.addAndGet(sender.failures());
    });
  }

  /** Begins to tell. */
  public void start() {
    senders.forEach(AlertSender::start);
  }

  /** Looks at everything once; blocks while the store is asked for what waits. */
  public void judge() {
    long now = time.nanos();
    Signs signs = signs(now);
    AlertBook before = book;
    AlertBook after =
        before.next(rules.findings(signs, parts.starts(), now), now, time.unixNanos());
    book = after;
    after.since(before).forEach(Alerts::log);
    senders.forEach(sender -> sender.offer(after.told()));
  }

  /** The alerts that people have been told of. */
  public List<Standing> told() {
    return book.told();
  }

  private Signs signs(long now) {
    Map<String, ProgressSource.Progress> progress = parts.progress().progress();
    return new Signs(
        parts.fleet().nodes().stream().map(Alerts::sign).toList(),
        backlog(now),
        stuck.find(parts.watch().active(), progress, now, time.unixNanos()),
        parts.watch().storeAnswers(),
        parts.strangers().get());
  }

  private static Signs.Node sign(NodeState node) {
    return new Signs.Node(
        node.id(),
        node.region(),
        node.health(),
        node.oldestStatus(),
        node.load().fullness(),
        node.takesWork());
  }

  private List<Signs.Backlog> backlog(long now) {
    if (!backlogRead || now - backlogReadNanos >= BACKLOG_EVERY.toNanos()) {
      backlogRead = true;
      backlogReadNanos = now;
      try {
        backlog = parts.outbox().backlog().stream().map(this::sign).toList();
      } catch (StoreException silent) {
        LOG.atDebug().setCause(silent).log("what waits is not known"); // its own alert tells
      }
    }
    return backlog;
  }

  private Signs.Backlog sign(Backlog waiting) {
    long age = Math.max(0, time.unixNanos() - waiting.sinceNanos());
    return new Signs.Backlog(
        Redaction.url(waiting.url()), waiting.waiting(), Duration.ofNanos(age));
  }

  private static void log(AlertBook.Change change) {
    switch (change) {
      case AlertBook.Change.Fired fired ->
          LOG.atError()
              .addKeyValue("alert", fired.standing().finding().kind().alertName())
              .addKeyValue("severity", fired.standing().finding().severity().word())
              .addKeyValue("subject", fired.standing().finding().subject())
              .addKeyValue("summary", fired.standing().finding().summary())
              .log("alert");
      case AlertBook.Change.Resolved resolved ->
          LOG.atInfo()
              .addKeyValue("alert", resolved.standing().finding().kind().alertName())
              .addKeyValue("subject", resolved.standing().finding().subject())
              .log("alert is over");
    }
  }

  /** Stops telling. Alertmanager ends what it isn't told again. */
  @Override
  public void close() {
    senders.forEach(AlertSender::close);
    poster.close();
  }
}
