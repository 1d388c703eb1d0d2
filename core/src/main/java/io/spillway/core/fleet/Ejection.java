package io.spillway.core.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many nodes of a region may be taken out of service at once. A judge who finds most of a
 * region ill is more likely ill itself, so at most a third (but always one) of the nodes that count
 * is ejected, and never the last one that answers on either way. Nodes that are gone on both ways
 * don't count: avoiding the dead is no ejection. Neither do nodes that were never in service
 * (unproven) or leave by themselves (draining).
 */
public final class Ejection {
  private Ejection() {}

  /**
   * A node that counts.
   *
   * @param health HEALTHY, SUSPECT or WEDGED
   * @param answers on at least one way
   * @param ejected already
   */
  public record Member(String nodeId, Health health, boolean answers, boolean ejected) {}

  /**
   * Who is out of service.
   *
   * @param ejected node ids
   * @param limited more nodes look ill than may be ejected: the judge should doubt itself
   */
  public record Verdict(Set<String> ejected, boolean limited) {
    /** Copies the set. */
    public Verdict {
      ejected = Set.copyOf(ejected);
    }
  }

  /** How many of {@code members} may be out of service at once. */
  public static int limit(int members) {
    return Math.max(1, members / 3);
  }

  /**
   * Chooses who of one region is out of service: wedged nodes before suspects, those that are out
   * already before others, so that nobody goes in and out.
   */
  public static Verdict judge(List<Member> members) {
    List<Member> ill = new ArrayList<>();
    int answering = 0;
    for (Member member : members) {
      if (member.health() == Health.WEDGED || member.health() == Health.SUSPECT) {
        ill.add(member);
      }
      answering += member.answers() ? 1 : 0;
    }
    ill.sort(
        Comparator.comparingInt((Member member) -> member.health() == Health.WEDGED ? 0 : 1)
            .thenComparingInt(member -> member.ejected() ? 0 : 1)
            .thenComparing(Member::nodeId));
    int limit = limit(members.size());
    Set<String> ejected = new HashSet<>();
    for (Member member : ill) {
      boolean lastThatAnswers = member.answers() && answering == 1;
      if (ejected.size() < limit && !lastThatAnswers) {
        ejected.add(member.nodeId());
        answering -= member.answers() ? 1 : 0;
      }
    }
    return new Verdict(ejected, ejected.size() < ill.size());
  }
}
