package io.spillway.core.alert;

import io.spillway.core.fleet.Health;
import java.time.Duration;
import java.util.List;

/**
 * What is measured at one moment.
 *
 * @param webhooks what waits to be delivered, by address
 * @param stuck egresses that don't get on
 * @param storeAnswers whether the store answered the last look
 * @param strangers who else takes the requests of the livekit-server that our front door serves
 */
public record Signs(
    List<Node> nodes,
    List<Backlog> webhooks,
    List<String> stuck,
    boolean storeAnswers,
    List<String> strangers) {
  /** Copies the lists. */
  public Signs {
    nodes = List.copyOf(nodes);
    webhooks = List.copyOf(webhooks);
    stuck = List.copyOf(stuck);
    strangers = List.copyOf(strangers);
  }

  /**
   * A node.
   *
   * @param oldestStatus the age of the oldest status that nobody has acknowledged
   * @param fullness by whatever is scarcest; 1 is full
   */
  public record Node(
      String id,
      String region,
      Health health,
      Duration oldestStatus,
      double fullness,
      boolean takesWork) {}

  /**
   * Events that wait for one address.
   *
   * @param address without its secrets
   */
  public record Backlog(String address, long waiting, Duration oldest) {}
}
