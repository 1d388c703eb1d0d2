package io.spillway.core.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A second by second account of what the rules say; no clock runs. */
final class AlertRulesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Signs WELL = new Signs(List.of(), List.of(), List.of(), true, List.of());
  private final Starts starts = new Starts(Duration.ofSeconds(2));
  private final List<AlertBook.Change> changes = new ArrayList<>();
  private AlertBook book = AlertBook.EMPTY;
  private long second = 100_000;

  /** One second in which so many starts end so, then a look. */
  private void pass(int good, int bad, Signs signs) {
    long now = ++second * SECOND;
    for (int i = 0; i < good; i++) {
      starts.succeeded(now, now);
    }
    for (int i = 0; i < bad; i++) {
      starts.failed(now, now);
    }
    AlertBook before = book;
    book = book.next(AlertRules.usual().findings(signs, starts, now), now, now);
    changes.addAll(book.since(before));
  }

  private void pass(int seconds, int good, int bad) {
    for (int i = 0; i < seconds; i++) {
      pass(good, bad, WELL);
    }
  }

  private List<String> events() {
    return changes.stream()
        .map(change ->
            switch (change) {
              case AlertBook.Change.Fired fired ->
                  "fired " + fired.standing().finding().kind().alertName();
              case AlertBook.Change.Resolved resolved ->
                  "resolved " + resolved.standing().finding().kind().alertName();
            })
        .toList();
  }

  /** After how many seconds of this something fires; the time before was busy and good. */
  private int secondsToFire(int goodPerPeriod, int badPerPeriod, int periodSeconds) {
    pass(900, 1, 0);
    for (int passed = 1; passed <= 1800; passed++) {
      boolean now = passed % periodSeconds == 0;
      pass(now ? goodPerPeriod : 0, now ? badPerPeriod : 0, WELL);
      if (!changes.isEmpty()) {
        return passed;
      }
    }
    return Integer.MAX_VALUE;
  }

  @ParameterizedTest(name = "{0} good and {1} bad each {2} s fire within {3} s")
  @CsvSource({
    "0, 1, 1, 6", // nothing works
    "1, 1, 1, 10", // one in two fails
    "0, 1, 3, 15", // nothing works, little traffic
    "2, 1, 1, 15", // one in three fails
    "98, 2, 20, 600", // 2 % fail, as in a fleet of which a part is wedged
  })
  void aBurnIsNoticedTheSoonerTheFasterItIs(int good, int bad, int period, int within) {
    assertThat(secondsToFire(good, bad, period)).isLessThanOrEqualTo(within);
    assertThat(events()).containsExactly("fired SpillwayStartFailures");
  }

  @Test
  void aShareWithinTheBudgetCallsNobody() {
    for (int i = 0; i < 3600; i++) {
      pass(i % 2, i % 1000 == 0 ? 1 : 0, WELL); // 1 in 500
    }
    assertThat(events()).isEmpty();
  }

  @Test
  void oneFailureOfOneStartAtNightCallsNobody() {
    pass(3600, 0, 0);
    pass(1, 0, 1);
    pass(3600, 0, 0);

    assertThat(events()).isEmpty();
  }

  @Test
  void theThirdFailureInARowDoes() {
    pass(3600, 0, 0);
    pass(1, 0, 1);
    pass(10, 0, 0);
    pass(1, 0, 1);
    assertThat(events()).isEmpty();
    pass(1, 0, 1);

    assertThat(events()).containsExactly("fired SpillwayStartFailures");
  }

  @Test
  void itResolvesByItselfWhenStartsSucceedAgain() {
    pass(900, 10, 0);
    pass(20, 5, 5);
    assertThat(events()).containsExactly("fired SpillwayStartFailures");
    pass(3 * 60, 10, 0);
    // The budget of the half hour is still overspent: no longer urgent, not yet forgotten.
    assertThat(book.told())
        .singleElement()
        .satisfies(now -> assertThat(now.finding().severity()).isEqualTo(Severity.WARNING));
    pass(31 * 60, 10, 0);

    assertThat(events())
        .containsExactly("fired SpillwayStartFailures", "resolved SpillwayStartFailures");
  }

  @Test
  void itResolvesAlsoWhenNobodyStartsAnythingAnyMore() {
    pass(20, 0, 1);
    pass(45 * 60, 0, 0);

    assertThat(events())
        .containsExactly("fired SpillwayStartFailures", "resolved SpillwayStartFailures");
  }

  @Test
  void troubleThatComesAndGoesIsOneAlert() {
    pass(900, 10, 0);
    for (int i = 0; i < 10; i++) {
      pass(20, 5, 5);
      pass(40, 10, 0);
    }

    assertThat(events()).containsExactly("fired SpillwayStartFailures");
  }

  @Test
  void slowStartsAreAWarning() {
    long now = ++second * SECOND;
    for (int i = 0; i < 100; i++) {
      starts.took(now, now, Duration.ofMillis(i < 80 ? 90 : 4000));
    }
    pass(1, 0, 0);

    assertThat(book.told())
        .singleElement()
        .satisfies(standing -> {
          assertThat(standing.finding().kind()).isEqualTo(AlertKind.START_LATENCY);
          assertThat(standing.finding().severity()).isEqualTo(Severity.WARNING);
          assertThat(standing.finding().summary())
              .isEqualTo("20 of 100 starts took longer than 2.0 s in the last minute (p99 4.0 s).");
        });
  }

  private static Signs.Node node(Health health, double fullness, Duration oldest) {
    return new Signs.Node("NE_1", "eu", health, oldest, fullness, health == Health.HEALTHY);
  }

  private static Signs with(Signs.Node... nodes) {
    return new Signs(List.of(nodes), List.of(), List.of(), true, List.of());
  }

  private List<AlertKind> found(Signs signs) {
    return AlertRules.usual().findings(signs, starts, second * SECOND).stream()
        .map(Finding::kind)
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void whatANodesHealthCalls(Health health) {
    Signs.Node other = new Signs.Node("NE_2", "eu", Health.HEALTHY, Duration.ZERO, 0.1, true);
    List<AlertKind> expected =
        switch (health) {
          case HEALTHY, SUSPECT, DRAINING -> List.of();
          case WEDGED -> List.of(AlertKind.NODE_WEDGED);
          case GONE -> List.of(AlertKind.NODE_LOST);
        };

    assertThat(found(with(node(health, 0.1, Duration.ZERO), other))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"10, ''", "11, WARNING", "30, WARNING", "31, CRITICAL"})
  void aStatusThatNobodyTakes(int seconds, String severity) {
    Signs signs = with(node(Health.HEALTHY, 0.1, Duration.ofSeconds(seconds)));

    assertThat(AlertRules.usual().findings(signs, starts, 0))
        .extracting(finding -> finding.severity().name())
        .isEqualTo(severity.isEmpty() ? List.of() : List.of(severity));
  }

  @Test
  void aRegionIsAsFullAsItsEmptiestNode() {
    Signs.Node full = new Signs.Node("NE_2", "eu", Health.HEALTHY, Duration.ZERO, 1, true);

    assertThat(found(with(node(Health.HEALTHY, 0.5, Duration.ZERO), full))).isEmpty();
    assertThat(found(with(node(Health.HEALTHY, 0.95, Duration.ZERO), full)))
        .containsExactly(AlertKind.CAPACITY);
  }

  @Test
  void aFullRegionIsToldOnlyWhenItStaysFull() {
    Signs full = with(node(Health.HEALTHY, 0.95, Duration.ZERO));
    for (int i = 0; i < 29; i++) {
      pass(0, 0, full);
    }
    pass(0, 0, WELL);
    assertThat(events()).isEmpty();
    for (int i = 0; i < 31; i++) {
      pass(0, 0, full);
    }
    assertThat(events()).containsExactly("fired SpillwayCapacity");
  }

  @Test
  void noNodeThatTakesWorkIsCritical() {
    for (int i = 0; i < 6; i++) {
      pass(0, 0, with(node(Health.DRAINING, 0.1, Duration.ZERO)));
    }

    assertThat(book.told())
        .singleElement()
        .satisfies(standing -> {
          assertThat(standing.finding().severity()).isEqualTo(Severity.CRITICAL);
          assertThat(standing.finding().summary()).startsWith("Region eu has no node");
        });
  }

  @Test
  void webhooksThatWaitStuckEgressesAndASilentStoreAreFound() {
    Signs signs =
        new Signs(
            List.of(),
            List.of(
                new Signs.Backlog("https://a.example", 3, Duration.ofMinutes(2)),
                new Signs.Backlog("https://b.example", 1, Duration.ofSeconds(59))),
            List.of("EG_1", "EG_2", "EG_3", "EG_4", "EG_5"),
            false,
            List.of());

    assertThat(AlertRules.usual().findings(signs, starts, 0))
        .extracting(Finding::summary)
        .containsExactly(
            "3 webhook events wait for https://a.example, the oldest for 2 minutes.",
            "5 egresses do not get on: EG_1, EG_2, EG_3 and 2 more.",
            "The egress store does not answer: new starts are refused, recordings go on.");
  }

  @Test
  void anAlertThatGetsWorseIsToldAgain() {
    pass(0, 0, with(node(Health.HEALTHY, 0.1, Duration.ofSeconds(11))));
    pass(0, 0, with(node(Health.HEALTHY, 0.1, Duration.ofSeconds(12))));
    pass(0, 0, with(node(Health.HEALTHY, 0.1, Duration.ofSeconds(31))));

    assertThat(events()).containsExactly("fired SpillwayStatusAge", "fired SpillwayStatusAge");
  }

  @Test
  void thereIsALimitToAlerts() {
    List<Finding> many = new ArrayList<>();
    for (int i = 0; i < 2 * AlertBook.MOST; i++) {
      many.add(
          new Finding(AlertKind.WEBHOOK_LAG, "u" + i, Severity.WARNING, "late", Duration.ZERO));
    }

    assertThat(AlertBook.EMPTY.next(many, 0, 0).told()).hasSize(AlertBook.MOST);
  }
}
