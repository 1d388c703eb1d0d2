package io.spillway.bench.incident;

import io.spillway.app.command.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What is done to one node, from outside but for one. */
public enum Fault {
  /** What it publishes is answered and reaches nobody: as in the incident, it looks well. */
  PUBLISH("publish", Kind.WEDGE, "its PUBLISHes reach nobody"),
  /** It hears no message, while its commands are answered. */
  PUBSUB("pubsub", Kind.WEDGE, "its pub/sub connection is silent"),
  /** Nothing that it sends arrives at Redis. */
  TO_REDIS("to-redis", Kind.WEDGE, "nothing of it arrives at Redis"),
  /** Nothing that Redis sends arrives at it. */
  FROM_REDIS("from-redis", Kind.WEDGE, "nothing of Redis arrives at it"),
  /** A thread of its RPC never comes back; not from outside, but by its composition root. */
  BLOCK("block", Kind.WEDGE, "the thread that reads its messages is blocked for ever"),
  /** All claims and answers come again and again, too late, broken, to wrong addresses. */
  STORM("storm", Kind.WEATHER, "each answer four times, late, broken, to wrong ids: to all"),
  /** The process is stopped and later goes on as if nothing had been. */
  STOP("stop", Kind.DEATH, "SIGSTOP, later SIGCONT"),
  /** The process is killed, and started again as systemd or Kubernetes would. */
  KILL("kill", Kind.DEATH, "kill -9, started again after 3 s");

  /** What a fault may cost. */
  enum Kind {
    /** Nobody's recording may be cut: the node still records. */
    WEDGE,
    /** Nobody may be ejected. */
    WEATHER,
    /** Its recordings go on elsewhere as further parts. */
    DEATH
  }

  private final String word;
  private final Kind kind;
  private final String description;

  Fault(String word, Kind kind, String description) {
    this.word = word;
    this.kind = kind;
    this.description = description;
  }

  String word() {
    return word;
  }

  Kind kind() {
    return kind;
  }

  String description() {
    return description;
  }

  /** All words, for a command's help. */
  static String words() {
    return Arrays.stream(values()).map(Fault::word).collect(Collectors.joining(","));
  }

  /**
   * The faults of these words, in their order.
   *
   * @throws UsageException for a word that is none
   */
  static List<Fault> of(List<String> words) {
    List<Fault> faults = new ArrayList<>();
    for (String word : words) {
      faults.add(
          Arrays.stream(values())
              .filter(fault -> fault.word.equals(word))
              .findFirst()
              .orElseThrow(
                  () -> new UsageException("no fault '" + word + "': there are " + words())));
    }
    return faults;
  }
}
