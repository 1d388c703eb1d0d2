package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.RepairLadder.Act;
import io.spillway.core.fleet.RepairLadder.Outcome;
import io.spillway.core.fleet.RepairLadder.Patient;
import io.spillway.core.fleet.RepairLadder.Rules;
import io.spillway.core.fleet.RepairLadder.Step;
import io.spillway.core.fleet.RepairLadder.Taken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which step is due, for one node at a time and for a fleet. */
class RepairLadderTest {
  private static final Rules RULES = Rules.usual();
  private static final Set<Step> ALL = Set.of(Step.REPLACE, Step.DRAIN, Step.KILL);

  /** One node of many; short, as the tables below name only what matters. */
  private static Patient node(
      String id, Health health, int seconds, boolean leases, int recordings, Taken... taken) {
    return new Patient(
        id,
        "eu",
        health,
        Duration.ofSeconds(seconds),
        health == Health.HEALTHY,
        leases,
        false,
        recordings,
        ALL,
        List.of(taken));
  }

  private static Patient well(String id) {
    return node(id, Health.HEALTHY, 100, true, 3);
  }

  private static Taken done(Step step, int secondsAgo) {
    return new Taken(step, Outcome.DONE, Duration.ofSeconds(secondsAgo));
  }

  private static Taken begun(Step step, int secondsAgo) {
    return new Taken(step, Outcome.BEGUN, Duration.ofSeconds(secondsAgo));
  }

  private static String next(Patient... patients) {
    return RepairLadder.next(List.of(patients), List.of(), RULES)
        .map(act -> act.step() + " " + act.nodeId())
        .orElse("none");
  }

  @ParameterizedTest
  @CsvSource({
    "HEALTHY, 1000, true,  none",
    "SUSPECT, 1000, true,  none",
    "DRAINING, 1000, true, none",
    "WEDGED,  14,   true,  none", // it is told to make its RPC half anew meanwhile
    "WEDGED,  15,   true,  REPLACE ill",
    "WEDGED,  15,   false, REPLACE ill", // canaries answer, leases don't come
    "GONE,    19,   false, none",
    "GONE,    20,   false, KILL ill",
  })
  void aNodeGetsTimeToGetWellByItself(Health health, int seconds, boolean leases, String due) {
    assertThat(next(node("ill", health, seconds, leases, 2), well("other"))).isEqualTo(due);
  }

  @Test
  void aNodeThatIsWedgedAgainAndAgainIsReplacedThoughItGetsWellInBetween() {
    Taken[] three = {done(Step.REBUILD, 300), done(Step.REBUILD, 200), done(Step.REBUILD, 100)};
    assertThat(next(node("ill", Health.WEDGED, 1, true, 2, three))).isEqualTo("none");
    Taken[] four = {three[0], three[1], three[2], done(Step.REBUILD, 10)};
    assertThat(next(node("ill", Health.WEDGED, 1, true, 2, four))).isEqualTo("REPLACE ill");
    Taken[] old = {done(Step.REBUILD, 700), three[0], three[1], three[2]};
    assertThat(next(node("ill", Health.WEDGED, 1, true, 2, old))).isEqualTo("none");
  }

  @Test
  void aReplacedNodeDrainsOnceAnotherOfItsRegionIsWell() {
    Patient ill = node("ill", Health.WEDGED, 40, true, 2, done(Step.REPLACE, 5));
    assertThat(next(ill)).isEqualTo("none");
    assertThat(next(ill, node("other", Health.SUSPECT, 5, true, 0))).isEqualTo("none");
    assertThat(next(ill, elsewhere("other"))).isEqualTo("none");
    assertThat(next(ill, well("other"))).isEqualTo("DRAIN ill");
    Patient again = node("ill", Health.HEALTHY, 3, true, 2, done(Step.REPLACE, 5));
    assertThat(next(again, well("other"))).as("its place is taken").isEqualTo("DRAIN ill");
  }

  private static Patient elsewhere(String id) {
    return new Patient(
        id, "us", Health.HEALTHY, Duration.ofSeconds(100), true, true, false, 0, ALL, List.of());
  }

  /** The ejection limit keeps it in service as a last resort: the repair doesn't overrule that. */
  @Test
  void aWedgedNodeThatIsStillInServiceIsNotDrained() {
    Patient needed =
        new Patient(
            "ill",
            "eu",
            Health.WEDGED,
            Duration.ofSeconds(60),
            true,
            true,
            false,
            0,
            ALL,
            List.of(done(Step.REPLACE, 30)));
    assertThat(next(needed, well("other"))).isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({
    // health, leases come, recordings, seconds since the drain
    "WEDGED,   true,  1, 100000, none", // its recordings run to their end, however long
    "DRAINING, true,  1, 100000, none",
    "WEDGED,   true,  0, 119,    none",
    "WEDGED,   true,  0, 120,    KILL ill", // its statuses wait in a journal that nobody sends
    "WEDGED,   false, 0, 100000, none", // who knows what it records
    "GONE,     false, 5, 30,     KILL ill",
  })
  void onlyWhatNeitherAnswersNorRecordsIsKilled(
      Health health, boolean leases, int recordings, int sinceDrain, String due) {
    Patient ill =
        node(
            "ill",
            health,
            sinceDrain,
            leases,
            recordings,
            done(Step.REPLACE, sinceDrain + 10),
            done(Step.DRAIN, sinceDrain));
    assertThat(next(ill, well("other"))).isEqualTo(due);
  }

  @Test
  void aNodeThatLeftInOrderIsLeftAlone() {
    Patient left =
        new Patient(
            "left", "eu", Health.GONE, Duration.ofHours(1), false, false, true, 0, ALL, List.of());
    assertThat(next(left)).isEqualTo("none");
  }

  @Test
  void aGoneNodeThatNobodyCanEndIsReplacedOnce() {
    Patient far = possible(node("far", Health.GONE, 60, false, 1), Step.REPLACE);
    assertThat(next(far)).isEqualTo("REPLACE far");
    Patient replaced =
        possible(node("far", Health.GONE, 60, false, 1, done(Step.REPLACE, 20)), Step.REPLACE);
    assertThat(next(replaced)).isEqualTo("none");
    assertThat(next(possible(far))).as("nobody can do anything").isEqualTo("none");
  }

  private static Patient possible(Patient patient, Step... steps) {
    return new Patient(
        patient.nodeId(),
        patient.region(),
        patient.health(),
        patient.healthFor(),
        patient.inService(),
        patient.leases(),
        patient.draining(),
        patient.recordings(),
        Set.of(steps),
        patient.taken());
  }

  @Test
  void aNodeIsKilledOnce() {
    assertThat(next(node("ill", Health.GONE, 90, false, 1, done(Step.KILL, 61)))).isEqualTo("none");
  }

  @Test
  void aStepThatFailedIsTriedAgainThreeTimesInAll() {
    List<Taken> tries = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tries.replaceAll(one -> new Taken(one.step(), one.outcome(), one.ago().plusSeconds(60)));
      Taken[] before = tries.toArray(Taken[]::new);
      assertThat(next(node("ill", Health.GONE, 300, false, 1, before))).isEqualTo("KILL ill");
      tries.add(begun(Step.KILL, 1));
      tries.add(new Taken(Step.KILL, Outcome.FAILED, Duration.ofSeconds(1)));
      Taken[] justNow = tries.toArray(Taken[]::new);
      assertThat(next(node("ill", Health.GONE, 300, false, 1, justNow))).isEqualTo("none");
    }
    tries.replaceAll(one -> new Taken(one.step(), one.outcome(), one.ago().plusSeconds(600)));
    assertThat(next(node("ill", Health.GONE, 900, false, 1, tries.toArray(Taken[]::new))))
        .isEqualTo("none");
  }

  /** Whoever began it may have died over it: it isn't begun a second time at once. */
  @Test
  void aStepThatAnotherControllerHasJustBegunIsNotBegunAgain() {
    assertThat(next(node("ill", Health.WEDGED, 60, true, 1, begun(Step.REPLACE, 10))))
        .isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({"0, true", "14, false", "15, true"})
  void costlySteps(int secondsSinceLast, boolean due) {
    List<Duration> before =
        secondsSinceLast == 0 ? List.of() : List.of(Duration.ofSeconds(secondsSinceLast));
    assertThat(costly(before)).isEqualTo(due);
  }

  @Test
  void notManyCostlyStepsAreTakenWithinTenMinutesThoughTheWholeFleetIsIll() {
    List<Duration> six = new ArrayList<>();
    for (int i = 1; i <= RULES.costlyMost(); i++) {
      six.add(Duration.ofSeconds(60L * i));
    }
    assertThat(costly(six)).isFalse();
    six.set(5, RULES.window());
    assertThat(costly(six)).isTrue();
  }

  private static boolean costly(List<Duration> before) {
    return RepairLadder.next(
            List.of(node("a", Health.WEDGED, 60, true, 1), node("b", Health.GONE, 60, false, 1)),
            before,
            RULES)
        .isPresent();
  }

  @Test
  void whatCostsNothingComesFirstAndIsNeverHeldBack() {
    Patient drains = node("z", Health.WEDGED, 60, true, 1, done(Step.REPLACE, 2));
    Act act =
        RepairLadder.next(
                List.of(node("a", Health.GONE, 60, false, 1), drains, well("other")),
                List.of(Duration.ofSeconds(2)),
                RULES)
            .orElseThrow();
    assertThat(act.step()).isEqualTo(Step.DRAIN);
    assertThat(act.nodeId()).isEqualTo("z");
  }

  private static Taken asked(int secondsAgo) {
    return new Taken(Step.REPLACE, Outcome.ASKED, Duration.ofSeconds(secondsAgo));
  }

  @ParameterizedTest
  @EnumSource(names = {"HEALTHY", "SUSPECT", "WEDGED", "DRAINING"})
  void aNodeWhoseReplacementAPersonAskedForIsReplacedHoweverItIs(Health health) {
    assertThat(next(node("old", health, 1, true, 2, asked(0)), well("other")))
        .isEqualTo("REPLACE old");
    assertThat(
            next(node("old", health, 1, true, 2, asked(3), begun(Step.REPLACE, 2)), well("other")))
        .as("somebody is about it")
        .isEqualTo("none");
  }

  @Test
  void whatAPersonAskedForIsPacedAndDrainsAsAnyOther() {
    Patient old = node("old", Health.HEALTHY, 100, true, 2, asked(1));
    assertThat(RepairLadder.next(List.of(old), List.of(Duration.ofSeconds(14)), RULES)).isEmpty();
    Patient replaced = node("old", Health.HEALTHY, 100, true, 2, asked(9), done(Step.REPLACE, 3));
    assertThat(next(replaced)).as("no other is there yet").isEqualTo("none");
    assertThat(next(replaced, well("new"))).isEqualTo("DRAIN old");
  }

  @Test
  void askedOnceMoreAStepThatFailedThreeTimesIsTriedAgain() {
    List<Taken> failed = new ArrayList<>(List.of(asked(300)));
    for (int i = 1; i <= 3; i++) {
      failed.add(begun(Step.REPLACE, 70 * i));
      failed.add(new Taken(Step.REPLACE, Outcome.FAILED, Duration.ofSeconds(70L * i)));
    }
    assertThat(next(node("old", Health.HEALTHY, 1, true, 2, failed.toArray(Taken[]::new))))
        .isEqualTo("none");
    failed.add(asked(1));
    assertThat(next(node("old", Health.HEALTHY, 1, true, 2, failed.toArray(Taken[]::new))))
        .isEqualTo("REPLACE old");
  }
}
