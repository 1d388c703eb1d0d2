package io.spillway.controller.fleet;

import io.spillway.core.fleet.DispatchChoice;
import io.spillway.core.fleet.DispatchChoice.Choice;
import io.spillway.core.fleet.DispatchChoice.Outsider;
import io.spillway.core.fleet.DispatchChoice.Roster;
import io.spillway.core.fleet.DispatchChoice.Wish;
import io.spillway.core.fleet.Health;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Who may get starts after a judgement, and who is known beside them. Guarded by the book's lock:
 * the nodes in it change.
 */
record Enrolment(Roster roster, List<Outsider> others) {
  /** As all nodes stand, by region. */
  static Enrolment of(Map<String, List<FleetNode>> regions) {
    Map<String, List<FleetNode>> byRegion = new HashMap<>();
    List<FleetNode> all = new ArrayList<>();
    List<FleetNode> doubtful = new ArrayList<>();
    List<Outsider> others = new ArrayList<>();
    regions.forEach((region, members) -> {
      List<FleetNode> well = new ArrayList<>();
      for (FleetNode node : members) {
        if (!node.inService) {
          others.add(new Outsider(node, node.health));
        } else if (node.health == Health.HEALTHY && !node.doubted) {
          well.add(node);
        } else {
          doubtful.add(node);
        }
      }
      byRegion.put(region, well);
      all.addAll(well);
    });
    return new Enrolment(new Roster(byRegion, all, doubtful), others);
  }

  Choice choose(Wish wish, RandomGenerator random) {
    return DispatchChoice.choose(roster, others, wish, random);
  }
}
