package io.spillway.core.fleet;

/**
 * Where a node's process is, as the node says itself: for whoever may have to end it or to put
 * another in its place. A process id means something on its own machine only, and only together
 * with the moment at which the process began: ids are used again.
 *
 * @param machine tells machines and their containers apart; empty: unknown
 * @param pid of the process on that machine; 0: unknown
 * @param begunUnixMillis when the process began, as the machine's kernel says
 * @param pod its name in Kubernetes; empty: none
 * @param data its data folder, on that machine; empty: unknown
 */
public record Place(String machine, long pid, long begunUnixMillis, String pod, String data) {
  /** Nothing is known: the node is of an older version. */
  public static final Place UNKNOWN = new Place("", 0, 0, "", "");
}
