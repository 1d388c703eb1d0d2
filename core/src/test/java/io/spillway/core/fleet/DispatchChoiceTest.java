package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Admission.Shortage;
import io.spillway.core.fleet.DispatchChoice.Choice;
import io.spillway.core.fleet.DispatchChoice.Outsider;
import io.spillway.core.fleet.DispatchChoice.Refusal;
import io.spillway.core.fleet.DispatchChoice.Roster;
import io.spillway.core.fleet.DispatchChoice.Wish;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which node gets a start, and why none does. */
final class DispatchChoiceTest {
  private record Node(String nodeId, String cluster, Optional<Shortage> shortage, double fullness)
      implements DispatchChoice.Candidate {
    static Node free(String id, double fullness) {
      return new Node(id, "", Optional.empty(), fullness);
    }

    static Node full(String id, Shortage what) {
      return new Node(id, "", Optional.of(what), 1);
    }
  }

  private final Random random = new Random(7);

  private Choice choose(Map<String, List<Node>> regions, List<Health> others, Wish wish) {
    List<Outsider> outsiders = new ArrayList<>();
    others.forEach(health -> outsiders.add(new Outsider(Node.free("out", 0), health)));
    return chosen(regions, outsiders, wish);
  }

  private Choice chosen(Map<String, List<Node>> regions, List<Outsider> others, Wish wish) {
    List<Node> all = new ArrayList<>();
    regions.values().forEach(all::addAll);
    return DispatchChoice.choose(new Roster(regions, all, List.of()), others, wish, random);
  }

  private static Wish anywhere() {
    return new Wish("", "", Set.of());
  }

  private static Choice nobody(Refusal why) {
    return new Choice.Nobody(why);
  }

  @Test
  void theLessLoadedOfTwoDrawnNodesIsTakenSoThatLoadEvensOut() {
    int nodes = 50;
    int[] load = new int[nodes];
    for (int start = 0; start < 5000; start++) {
      List<Node> all = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        all.add(Node.free(Integer.toString(i), load[i]));
      }
      Choice choice =
          DispatchChoice.choose(
              new Roster(Map.of(), all, List.of()), List.of(), anywhere(), random);
      load[Integer.parseInt(((Choice.Node) choice).nodeId())]++;
    }
    assertThat(Arrays.stream(load).max().orElseThrow())
        .as("one random choice alone would give about 125 to the fullest")
        .isLessThan(108);
  }

  @Test
  void theWantedRegionComesFirstAndTheOthersWhenItIsFull() {
    Map<String, List<Node>> regions = new HashMap<>();
    regions.put("eu", List.of(Node.free("e1", 0.9)));
    regions.put("us", List.of(Node.free("u1", 0), Node.free("u2", 0)));
    Wish eu = new Wish("eu", "", Set.of());
    assertThat(choose(regions, List.of(), eu)).isEqualTo(new Choice.Node("e1"));
    regions.put("eu", List.of(Node.full("e1", Shortage.CPU)));
    assertThat(((Choice.Node) choose(regions, List.of(), eu)).nodeId()).startsWith("u");
    assertThat(((Choice.Node) choose(regions, List.of(), new Wish("mars", "", Set.of()))).nodeId())
        .startsWith("u");
  }

  @Test
  void aNodeThatLooksIllAndMayNotBeEjectedIsTheLastResort() {
    List<Node> well = List.of(Node.free("well", 0.9));
    List<Node> ill = List.of(Node.free("ill", 0));
    Roster roster = new Roster(Map.of("r", well), well, ill);
    for (int i = 0; i < 20; i++) {
      assertThat(DispatchChoice.choose(roster, List.of(), anywhere(), random))
          .isEqualTo(new Choice.Node("well"));
    }
    assertThat(DispatchChoice.choose(roster, List.of(), new Wish("", "", Set.of("well")), random))
        .isEqualTo(new Choice.Node("ill"));
  }

  @Test
  void theOneNodeWithRoomIsFoundAmongAThousand() {
    List<Node> all = new ArrayList<>(Collections.nCopies(999, Node.full("x", Shortage.SLOTS)));
    all.add(500, Node.free("free", 0.99));
    assertThat(choose(Map.of("r", all), List.of(), anywhere())).isEqualTo(new Choice.Node("free"));
  }

  @Test
  void aRefusalNamesWhatMostNodesLack() {
    List<Node> full =
        List.of(
            Node.full("a", Shortage.CPU),
            Node.full("b", Shortage.MEMORY),
            Node.full("c", Shortage.MEMORY));
    assertThat(choose(Map.of("r", full), List.of(), anywhere()))
        .isEqualTo(nobody(Refusal.FULL_MEMORY));
    assertThat(choose(Map.of("r", full), List.of(Health.SUSPECT), anywhere()))
        .as("a suspect may be well in a second")
        .isEqualTo(nobody(Refusal.NONE_TRUSTED));
    assertThat(choose(Map.of(), List.of(), anywhere())).isEqualTo(nobody(Refusal.NONE_ALIVE));
    assertThat(choose(Map.of(), List.of(Health.GONE), anywhere()))
        .isEqualTo(nobody(Refusal.NONE_ALIVE));
    assertThat(choose(Map.of(), List.of(Health.GONE, Health.DRAINING), anywhere()))
        .isEqualTo(nobody(Refusal.ALL_DRAINING));
    assertThat(choose(Map.of(), List.of(Health.WEDGED), anywhere()))
        .isEqualTo(nobody(Refusal.NONE_TRUSTED));
    assertThat(
            choose(
                Map.of("r", List.of(Node.free("a", 0))), List.of(), new Wish("", "blue", Set.of())))
        .isEqualTo(nobody(Refusal.OTHER_CLUSTER));
    assertThat(
            choose(
                Map.of("r", List.of(Node.free("a", 0))), List.of(), new Wish("", "", Set.of("a"))))
        .isEqualTo(nobody(Refusal.ALL_TRIED));
  }

  @ParameterizedTest(name = "in service {0}, outside {1} {2}: {3}")
  @CsvSource({
    "tried, SUSPECT, free, NONE_TRUSTED",
    "tried, WEDGED, free, NONE_TRUSTED",
    "tried, GONE, free, ALL_TRIED",
    "tried, DRAINING, free, ALL_TRIED",
    "tried, SUSPECT, full, ALL_TRIED",
    "tried, SUSPECT, tried, ALL_TRIED",
    "tried, SUSPECT, elsewhere, ALL_TRIED",
    "full, SUSPECT, free, NONE_TRUSTED",
    "full, WEDGED, free, NONE_TRUSTED",
    "full, GONE, free, FULL_SLOTS",
    "full, SUSPECT, full, FULL_SLOTS",
    "full, SUSPECT, tried, FULL_SLOTS",
    "full, SUSPECT, elsewhere, FULL_SLOTS",
    "elsewhere, SUSPECT, free, NONE_TRUSTED",
    "elsewhere, SUSPECT, full, FULL_SLOTS",
    "elsewhere, WEDGED, elsewhere, OTHER_CLUSTER",
    "none, SUSPECT, full, FULL_SLOTS",
    "none, SUSPECT, tried, ALL_TRIED",
    "none, WEDGED, elsewhere, OTHER_CLUSTER",
    "none, DRAINING, full, ALL_DRAINING",
    "none, GONE, free, NONE_ALIVE",
  })
  void aStartWaitsForANodeThatMayBeTrustedSoonOnlyIfThatCouldTakeIt(
      String inService, Health health, String outside, Refusal why) {
    Map<String, List<Node>> regions =
        inService.equals("none") ? Map.of() : Map.of("r", List.of(node("in", inService)));
    List<Outsider> others = List.of(new Outsider(node("out", outside), health));
    Set<String> tried = new HashSet<>();
    if (inService.equals("tried")) {
      tried.add("in");
    }
    if (outside.equals("tried")) {
      tried.add("out");
    }
    assertThat(chosen(regions, others, new Wish("", "", tried))).isEqualTo(nobody(why));
  }

  private static Node node(String id, String kind) {
    return switch (kind) {
      case "full" -> Node.full(id, Shortage.SLOTS);
      case "elsewhere" -> new Node(id, "other", Optional.empty(), 0);
      default -> Node.free(id, 0);
    };
  }

  @Test
  void eachNodeIsWatchedByTwoControllersAndFewChangeHandsWhenOneGoes() {
    List<String> three = List.of("CO_a", "CO_b", "CO_c");
    List<String> two = List.of("CO_a", "CO_b");
    int watchedByA = 0;
    int changed = 0;
    for (int i = 0; i < 3000; i++) {
      String node = "NE_" + i;
      long watchers = three.stream().filter(one -> CanaryPlan.watches(one, node, three)).count();
      assertThat(watchers).isEqualTo(2);
      assertThat(three.stream().filter(one -> CanaryPlan.leads(one, node, three)).count())
          .isEqualTo(1);
      watchedByA += CanaryPlan.watches("CO_a", node, three) ? 1 : 0;
      changed +=
          CanaryPlan.watches("CO_a", node, three) && !CanaryPlan.watches("CO_a", node, two) ? 1 : 0;
    }
    assertThat(watchedByA).isBetween(1850, 2150);
    assertThat(changed).isZero();
    assertThat(CanaryPlan.watches("CO_a", "NE_1", Set.of())).isTrue();
  }
}
