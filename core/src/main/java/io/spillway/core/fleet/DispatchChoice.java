package io.spillway.core.fleet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which node gets a start. Two nodes are drawn at random and the less loaded one is taken: nearly
 * as even as comparing all, at a cost that doesn't grow with the fleet, and two controllers don't
 * both run to the one that looked emptiest. The wanted region comes first, the others when it is
 * full.
 */
public final class DispatchChoice {
  private DispatchChoice() {}

  /** A node as dispatch sees it. */
  public interface Candidate {
    String nodeId();

    /** The node's {@code cluster_id}. */
    String cluster();

    /** What it has too little of for one more egress, starts under way included. */
    Optional<Admission.Shortage> shortage();

    /** The share of it that is in use, from 0, starts under way included. */
    double fullness();
  }

  /**
   * What is wanted.
   *
   * @param region to begin with; empty for any
   * @param cluster that the node must belong to
   * @param except nodes that were tried already
   */
  public record Wish(String region, String cluster, Set<String> except) {
    /** Copies the set. */
    public Wish {
      except = Set.copyOf(except);
    }
  }

  /**
   * Nodes in service. The lists are read, never kept.
   *
   * @param byRegion those that are well
   * @param all the same in one list
   * @param doubtful those that look ill and are in service because too many do, or because their
   *     judge may not trust itself at present: the last resort
   */
  public record Roster(
      Map<String, ? extends List<? extends Candidate>> byRegion,
      List<? extends Candidate> all,
      List<? extends Candidate> doubtful) {
    private List<? extends Candidate> in(String region) {
      List<? extends Candidate> found = byRegion.get(region);
      return found == null ? List.of() : found;
    }
  }

  /** A node that is known and not in service, with its health. */
  public record Outsider(Candidate node, Health health) {
    /** Whether it would get the start if it were judged well within the start's budget. */
    private boolean mayTakeIt(Wish wish) {
      return switch (health) {
        case SUSPECT, WEDGED -> fits(node, wish);
        case HEALTHY, DRAINING, GONE -> false;
      };
    }
  }

  /** What came of it. */
  public sealed interface Choice {
    /** This node. */
    record Node(String nodeId) implements Choice {}

    /** None, and why. */
    record Nobody(Refusal why) implements Choice {}
  }

  /** Why there is no node. */
  public enum Refusal {
    /** No node was ever heard of, or all are gone. */
    NONE_ALIVE("no egress node is alive", true),
    /** Nodes live, but all leave. */
    ALL_DRAINING("all egress nodes are draining", true),
    FULL_CPU("all egress nodes are full: not enough CPU", true),
    FULL_MEMORY("all egress nodes are full: not enough memory", true),
    FULL_SLOTS("all egress nodes are full: not enough slots", true),
    /** Nodes live, none of the wanted cluster. */
    OTHER_CLUSTER("no egress node of this cluster is alive", true),
    /** Whoever has room isn't trusted at this moment; one may be in a second. */
    NONE_TRUSTED("no egress node with room is healthy", false),
    /** The controller has only just begun: leases of further nodes are on their way. */
    NOT_ALL_KNOWN("no egress node that is known yet can take it", false),
    /** All that could have it were tried by this start. */
    ALL_TRIED("every egress node that could take it was tried", false);

    private final String words;
    private final boolean certain;

    Refusal(String words, boolean certain) {
      this.words = words;
      this.certain = certain;
    }

    /** For people. */
    public String words() {
      return words;
    }

    /** Whether waiting some seconds would most likely not help: the caller is told at once. */
    public boolean isCertain() {
      return certain;
    }
  }

  /**
   * Chooses among the nodes in service.
   *
   * @param others the nodes that are known but not in service
   */
  public static Choice choose(
      Roster roster, Collection<Outsider> others, Wish wish, RandomGenerator random) {
    Optional<String> node =
        wish.region().isEmpty() ? Optional.empty() : pick(roster.in(wish.region()), wish, random);
    if (node.isEmpty()) {
      node = pick(roster.all(), wish, random);
    }
    if (node.isEmpty()) {
      node = pick(roster.doubtful(), wish, random);
    }
    return node.<Choice>map(Choice.Node::new)
        .orElseGet(() -> new Choice.Nobody(why(roster, others, wish)));
  }

  private static Optional<String> pick(
      List<? extends Candidate> nodes, Wish wish, RandomGenerator random) {
    if (nodes.isEmpty()) {
      return Optional.empty();
    }
    Candidate one = nodes.get(random.nextInt(nodes.size()));
    Candidate two = nodes.get(random.nextInt(nodes.size()));
    boolean oneFits = fits(one, wish);
    boolean twoFits = fits(two, wish);
    if (oneFits && twoFits) {
      return Optional.of(one.fullness() <= two.fullness() ? one.nodeId() : two.nodeId());
    }
    if (oneFits || twoFits) {
      return Optional.of(oneFits ? one.nodeId() : two.nodeId());
    }
    return firstThatFits(nodes, wish, random.nextInt(nodes.size()));
  }

  /** Only when the draw found nobody: a fleet that is nearly full, tried, or of many clusters. */
  private static Optional<String> firstThatFits(
      List<? extends Candidate> nodes, Wish wish, int from) {
    for (int i = 0; i < nodes.size(); i++) {
      Candidate node = nodes.get((from + i) % nodes.size());
      if (fits(node, wish)) {
        return Optional.of(node.nodeId());
      }
    }
    return Optional.empty();
  }

  private static boolean fits(Candidate node, Wish wish) {
    return isOf(wish, node) && !wish.except().contains(node.nodeId()) && hasRoom(node);
  }

  private static boolean isOf(Wish wish, Candidate node) {
    return node.cluster().equals(wish.cluster());
  }

  private static boolean hasRoom(Candidate node) {
    return node.shortage().isEmpty();
  }

  /**
   * What some seconds may change comes first: a full fleet with a node that is about to be judged
   * well is no full fleet.
   */
  private static Refusal why(Roster roster, Collection<Outsider> others, Wish wish) {
    if (others.stream().anyMatch(other -> other.mayTakeIt(wish))) {
      return Refusal.NONE_TRUSTED;
    }
    List<Candidate> living = new ArrayList<>(roster.all());
    living.addAll(roster.doubtful());
    boolean tried = living.stream().anyMatch(node -> isOf(wish, node) && hasRoom(node));
    if (tried) {
      return Refusal.ALL_TRIED;
    }
    for (Outsider other : others) {
      if (other.health() == Health.SUSPECT || other.health() == Health.WEDGED) {
        living.add(other.node());
      }
    }
    return scarcest(living, wish).orElseGet(() -> withoutShortage(living, others, wish));
  }

  /** What most of the wanted cluster have too little of. */
  private static Optional<Refusal> scarcest(List<Candidate> living, Wish wish) {
    Map<Admission.Shortage, Integer> full = new EnumMap<>(Admission.Shortage.class);
    for (Candidate node : living) {
      if (isOf(wish, node)) {
        node.shortage().ifPresent(what -> full.merge(what, 1, Integer::sum));
      }
    }
    return full.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(entry -> ofShortage(entry.getKey()));
  }

  private static Refusal withoutShortage(
      List<Candidate> living, Collection<Outsider> others, Wish wish) {
    if (living.stream().anyMatch(node -> isOf(wish, node))) {
      return Refusal.ALL_TRIED; // those who were tried look ill by now
    }
    if (!living.isEmpty()) {
      return Refusal.OTHER_CLUSTER;
    }
    boolean leaving = others.stream().anyMatch(other -> other.health() == Health.DRAINING);
    return leaving ? Refusal.ALL_DRAINING : Refusal.NONE_ALIVE;
  }

  private static Refusal ofShortage(Admission.Shortage shortage) {
    return switch (shortage) {
      case SLOTS -> Refusal.FULL_SLOTS;
      case CPU -> Refusal.FULL_CPU;
      case MEMORY -> Refusal.FULL_MEMORY;
    };
  }
}
